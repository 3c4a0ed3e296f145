"""`huimin verify`: names what was changed in the landing, the ledger, the releases or the audit log, one line each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from loaders.commands import console
from loaders.settings import reading_settings

if TYPE_CHECKING:
    from loaders.model import Mismatch

EXIT_FAILED = 1

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Head = Annotated[str | None, typer.Option(help="The hash of a release, as it was printed when it was published.")]
verify_app = typer.Typer(
    invoke_without_command=True,
    help="Name what was changed in the landing, the ledger, the releases or the audit log; all four without a name.",
)


@verify_app.callback()
def verify(context: typer.Context, head: Head = None, as_json: AsJson = False) -> None:
    """Verify landing, ledger, releases and audit log. Exit 1 when anything is not as it was written."""
    if context.invoked_subcommand is not None:
        return
    from loaders.operations.verification import verify_all

    _show(verify_all(reading_settings(), head), as_json, "landing, ledger, releases and audit log are as they were written")


@verify_app.command("landing")
def verify_landing(
    repair: Annotated[bool, typer.Option("--repair", help="Fetch anew what sources still have; remove nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read every landed file again. Exit 1 when one is missing, altered, known to nobody or left over."""
    from loaders.stages.landing_repair import verify_landing as verify

    rows = verify(reading_settings(), repair=repair)
    mismatches = [row.pop("mismatch") for row in rows]
    if as_json:
        texts = [{**asdict(one), **row} for one, row in zip(mismatches, rows, strict=True)]
        typer.echo(json.dumps(texts, ensure_ascii=False, default=str))
    for one, row in zip(mismatches, rows, strict=True) if not as_json else ():
        console.print_error(f"{'repaired: ' if row['is_repaired'] else ''}{one}")
    if not rows and not as_json:
        typer.echo("every landed file is whole and known")
    if not all(row["is_repaired"] for row in rows):
        raise typer.Exit(EXIT_FAILED)


@verify_app.command("ledger")
def verify_ledger(as_json: AsJson = False) -> None:
    """Compare the ledger with the landing's records, the rows that it counts, and the documents behind releases."""
    from loaders.operations.verification import verify_ledger as verify

    _show({"ledger": verify(reading_settings())}, as_json, "the ledger agrees with the landing, the rows and the releases")


@verify_app.command("releases")
def verify_releases(head: Head = None, as_json: AsJson = False) -> None:
    """Recompute the hash of every release. Exit 1 when a value, a header or the chain was changed."""
    from loaders.operations.releases import verify_releases as verify

    mismatches, last = verify(reading_settings(), head)
    fine = f"every release is as it was published; the last hash is {last}" if last else "there is no release yet"
    _show({"releases": mismatches}, as_json, fine)


@verify_app.command("audit")
def verify_audit(
    head: Annotated[str | None, typer.Option(help="The hash of an event, as an earlier run printed it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Recompute the hash of every event of the audit log. Exit 1 when one was changed or taken away."""
    from loaders.operations.audit.audit_chain import verify_audit as verify

    mismatches, last = verify(reading_settings(), head)
    fine = f"every event is as it was written; the last hash is {last}" if last else "there is no event yet"
    _show({"audit": mismatches}, as_json, fine)


def _show(found: Mapping[str, Sequence[Mismatch]], as_json: bool, fine: str) -> None:
    rows: list[dict[str, Any]] = [{"part": part, **asdict(one)} for part, mismatches in found.items() for one in mismatches]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, default=str))
    else:
        for part, mismatches in found.items():
            for one in mismatches:
                console.print_error(f"{part}: {one}")
        if not rows:
            typer.echo(fine)
    if rows:
        raise typer.Exit(EXIT_FAILED)
