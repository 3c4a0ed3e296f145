"""What an officer runs before sending: `huimin check` and `huimin cells`. Neither needs a database or a setting."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from loaders.commands import console
from loaders.commands.arguments import chosen_contracts, parse_period, refuse_existing
from loaders.period import Period

if TYPE_CHECKING:
    from loaders.checking import CheckedDocument

EXIT_UNREADABLE = 2

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Password = Annotated[str | None, typer.Option(help="Opens a workbook that is encrypted.")]


def check(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="Documents as they would be sent.")],
    report: Annotated[str | None, typer.Option(help="The report; else it is recognised by its headers.")] = None,
    period: Annotated[
        Period | None, typer.Option(parser=parse_period, help="As 2023-06 or 2023Q2; else as the document says.")
    ] = None,
    lang: Annotated[Literal["zh", "en"], typer.Option(help="The language of the messages.")] = "zh",
    accepted: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Write the typed rows that would be loaded to this CSV.")
    ] = None,
    annotate: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Write a copy of the one document, with every issue marked, to this file.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Let --annotate replace a file.")] = False,
    password: Password = None,
    as_json: AsJson = False,
) -> None:
    """Check documents before they are sent. Exit 0: clean; 1: rows would be rejected; 2: a document would be refused."""
    from loaders import checking

    _check_targets(files, accepted, annotate, is_forced=force)
    contracts = chosen_contracts(report)
    progress = console.Progress(len(files), lang)
    checked_documents = []
    for checked in checking.check_files(
        files,
        contracts,
        named=report is not None,
        period=period,
        password=password,
        on_read=None if as_json else progress.count,
    ):
        checked_documents.append(checked)
        if not as_json:
            console.print_checked_document(checked, lang)
    if as_json:
        typer.echo(json.dumps([checked.as_dict() for checked in checked_documents], ensure_ascii=False, default=str))
    elif len(checked_documents) > 1:
        console.print_totals(checked_documents, lang)
    if accepted is not None:
        console.print_note(f"{checking.write_accepted(checked_documents, accepted)} rows written to {accepted}")
    if annotate is not None:
        _write_annotated(checked_documents[0], annotate, lang)
    raise typer.Exit(max(checked.exit_code for checked in checked_documents))


def _write_annotated(checked: CheckedDocument, target: Path, lang: str) -> None:
    from loaders.checking import annotated_copy

    copy = annotated_copy(checked, lang)
    suffix = Path(copy.file_name).suffix
    if target.suffix.lower() != suffix:
        # A spreadsheet program opens no workbook with macros that is named .xlsx.
        raise typer.BadParameter(f"the copy is a workbook {suffix}: name it so for --annotate")
    target.write_bytes(copy.content)
    console.print_note(f"annotated copy written to {target}")


def _check_targets(files: list[Path], accepted: Path | None, annotate: Path | None, *, is_forced: bool) -> None:
    """Refuse a target that would cost somebody a file."""
    documents = {file.resolve() for file in files}
    for option, target in (("--accepted", accepted), ("--annotate", annotate)):
        if target is not None and target.resolve() in documents:
            raise typer.BadParameter(f"{target} is one of the documents: name another file for {option}")
    if annotate is not None and len(files) > 1:
        raise typer.BadParameter("--annotate takes one document at a time")
    if annotate is not None:
        refuse_existing(annotate, "--annotate", is_forced=is_forced)


def cells(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    password: Password = None,
    plain: Annotated[bool, typer.Option("--plain", help="Show identity, phone and account numbers as they are.")] = False,
    as_json: AsJson = False,
) -> None:
    """Dump every cell of a document as it was read, personal numbers masked. Exit 2 when it cannot be read."""
    from loaders.checking import cells_as_json, redacted_cells

    content = cells_as_json(file, password)
    if not plain:
        content = redacted_cells(content)
    typer.echo(content if as_json else json.dumps(json.loads(content), ensure_ascii=False, indent=1))
    if content.startswith(b'{"refused"'):
        raise typer.Exit(EXIT_UNREADABLE)
