"""`huimin new-report` and `huimin new-indicator`: write the files of a report or an indicator, and say what is left to do."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from loaders.commands import console
from loaders.settings import deployment_from_environment, expectations_from_environment

_AFTER_CONTRACT = ("new_report.edit", "new_report.check", "new_report.once_more")
_AFTER_MODELS = ("new_report.case", "new_report.indicators", "new_report.coverage", "new_report.connection")
_AFTER_INDICATOR = ("new_indicator.dictionary", "new_indicator.evidence", "new_indicator.unit_test")


def new_report(
    system: Annotated[str, typer.Argument(help="One of the systems in deployment.yml, e.g. charity.")],
    name: Annotated[str, typer.Argument(help="English, such as micro_project: the contract's file and the raw table.")],
    code: Annotated[str, typer.Option(help="The report's code, e.g. R08.")],
    title: Annotated[str, typer.Option(help="Its Chinese title.")] = "",
    sample: Annotated[
        list[Path],
        typer.Option(
            exists=True, dir_okay=False, help="A document to take format, headers, types and key from; may be repeated."
        ),
    ] = [],  # noqa: B006
    password: Annotated[str | None, typer.Option(help="Opens a sample that is encrypted.")] = None,
) -> None:
    """Write a new report's contract, or, when the contract is there, its models, coverage row and fixture folder."""
    from loaders.scaffold.report_files import scaffold_report

    root, expectations = deployment_from_environment(), expectations_from_environment()
    contract = expectations / system / f"{name}.yml"
    is_first = not contract.exists()
    written = scaffold_report(
        root,
        system=system,
        name=name,
        code=code,
        title=title,
        samples=sample,
        password=password,
        expectations=expectations,
        remark=console.print_note,
    )
    if not written:
        sample_words = "; the sample was not looked at" if sample else ""
        typer.echo(f"nothing to write: the contract, models, coverage row and fixture folder of {name} are there{sample_words}")
        return
    steps = _AFTER_CONTRACT if is_first else _AFTER_MODELS
    _print_written(root, written, steps, contract=str(_shown(root, contract)), system=system, name=name, code=code)


def new_indicator(
    code: Annotated[str, typer.Argument(help="The indicator's code, e.g. R-CF-03.")],
    report: Annotated[str, typer.Option(help="The report whose rows are its evidence, e.g. micro_project.")],
    name: Annotated[str, typer.Option(help="Its Chinese name.")] = "",
    name_en: Annotated[str, typer.Option(help="Its English name.")] = "",
    unit: Annotated[str, typer.Option(help="The unit of its values.")] = "个",
    quantity: Annotated[str | None, typer.Option(help="The column that is added up; without it, rows are counted.")] = None,
    distinct: Annotated[bool, typer.Option("--distinct", help="Count each subject once, however many rows it has.")] = False,
    stock: Annotated[
        bool, typer.Option("--stock", help="What is there at a date; without it, what happened in a period.")
    ] = False,
) -> None:
    """Write a new indicator: its row in the dictionary, its evidence in the report's model, and a unit test of that."""
    from loaders.scaffold.indicator_files import NewIndicator, scaffold_indicator

    root = deployment_from_environment()
    written = scaffold_indicator(
        root,
        report,
        NewIndicator(code, name or code, name_en or code, unit, quantity, is_distinct=distinct, is_stock=stock),
        expectations=expectations_from_environment(),
        remark=console.print_note,
    )
    if not written:
        typer.echo(f"nothing to write: the dictionary and evidence_{report} have {code}")
        return
    _print_written(root, written, _AFTER_INDICATOR, name=report)


def _print_written(root: Path, written: Iterable[Path], steps: Iterable[str], **parameters: str) -> None:
    """Prints the files and what is left to do, in Chinese and below it in English. `steps` are codes of phrases."""
    from loaders.messages import phrase

    for path in written:
        typer.echo(f"wrote {_shown(root, path)}")
    typer.echo("还要做的 / left to do:")
    for number, code in enumerate(steps, start=1):
        step = phrase(code, **parameters)
        typer.echo(f"  {number}. {step.zh}\n     {step.en}")


def _shown(root: Path, path: Path) -> Path:
    return path.relative_to(root) if path.is_relative_to(root) else path
