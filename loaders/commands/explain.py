"""`huimin explain`: what a code of a message means and what to do about it."""

from __future__ import annotations

from typing import Annotated

import typer

EXIT_UNKNOWN = 2


def explain(
    code: Annotated[str | None, typer.Argument(help="A code, e.g. ragged_row, as mails and bi.quality_issue show it.")] = None,
    list_all: Annotated[bool, typer.Option("--list", help="List all codes with their titles.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print all messages as docs/messages.md has them.")] = False,
) -> None:
    """Explain a message in Chinese and English: its severity, what it says, how to fix what it is about."""
    from loaders.messages import explain as messages

    if markdown:
        typer.echo(messages.as_markdown(), nl=False)
        return
    if list_all or code is None:
        typer.echo("\n".join(messages.listing()))
        return
    templates = messages.explained(code)
    if not templates:
        near = messages.similar_codes(code)
        typer.echo(f"no message has the code {code}" + (f"; did you mean {', '.join(near)}?" if near else ""), err=True)
        raise typer.Exit(EXIT_UNKNOWN)
    typer.echo("\n\n".join("\n".join(messages.as_text(template)) for template in templates))
