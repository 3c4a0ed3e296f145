"""`huimin release`: drafts, the decision on them, and what was frozen."""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from loaders.commands import console
from loaders.commands.arguments import checked_period
from loaders.period import Period
from loaders.settings import stack_settings

EXIT_USAGE = 2

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
By = Annotated[str | None, typer.Option(help="Who decided; without it, the user of this system.")]
release_app = typer.Typer(no_args_is_help=True, help="Freeze the values of a period, after a person approved them.")


@release_app.command()
def prepare(
    period: Annotated[str, typer.Option(help="The period to publish, e.g. 2023-12, 2023Q4 or 2023.")], as_json: AsJson = False
) -> None:
    """Prepare a draft: what is new, what changed since the last release, what is missing. Changes no value."""
    from loaders.operations import releases

    try:
        wanted = Period.parse(period)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--period") from None
    try:
        draft = releases.prepare(stack_settings(), wanted)
    except releases.CannotBeReleased as error:
        console.print_error(str(error))
        raise typer.Exit(EXIT_USAGE) from None
    _show_draft(draft, as_json)


@release_app.command()
def show(
    draft: Annotated[int | None, typer.Argument(help="The number of a draft; the newest one without it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show a draft as the person who decides must see it."""
    _show_draft(draft, as_json)


@release_app.command()
def publish(
    draft: Annotated[int, typer.Argument(help="The number of the draft.")],
    why: Annotated[str, typer.Option(help="The words of the person who approves; they are frozen with the release.")],
    by: By = None,
) -> None:
    """Publish a draft: freeze its values. Exit 2, with the list, when a precondition fails."""
    from loaders.operations import releases
    from loaders.release import release_hash
    from loaders.warehouse.releases import CannotBeReleased

    try:
        release = releases.publish(stack_settings(), draft, by=_person(by), reason=_words(why))
    except CannotBeReleased as error:
        console.print_error(str(error))
        raise typer.Exit(EXIT_USAGE) from None
    typer.echo(f"release {release.release_number} of {release.period_code} is published and frozen")
    typer.echo(f"keep its hash where nobody here can change it: {release_hash(release)}")


@release_app.command("return")
def return_(
    draft: Annotated[int, typer.Argument(help="The number of the draft.")],
    why: Annotated[str, typer.Option(help="What must be put right first.")],
    by: By = None,
) -> None:
    """Return a draft: it is not published. Exit 2 when it is decided already."""
    from loaders.operations import releases
    from loaders.warehouse.releases import CannotBeReleased

    try:
        releases.return_draft(stack_settings(), draft, by=_person(by), reason=_words(why))
    except CannotBeReleased as error:
        console.print_error(str(error))
        raise typer.Exit(EXIT_USAGE) from None
    typer.echo(f"draft {draft} is returned")


@release_app.command()
def note(
    indicator: Annotated[str, typer.Option(help="An indicator's code.")],
    area: Annotated[str, typer.Option(help="An area's code.")],
    period: Annotated[str, typer.Option(help="A period, e.g. 2023-12, 2023Q4, 2023.", callback=checked_period)],
    why: Annotated[str, typer.Option(help="Why the value differs from its last release.")],
    by: By = None,
) -> None:
    """Attach words to a released value that differs now; bi.restatement and drafts show them. Exit 2 if it was never released."""
    from loaders.operations import releases
    from loaders.release import ValueKey
    from loaders.warehouse.releases import CannotBeReleased

    key = ValueKey(indicator, area, str(Period.parse(period)))
    try:
        releases.note(stack_settings(), key, by=_person(by), reason=_words(why))
    except CannotBeReleased as error:
        console.print_error(str(error))
        raise typer.Exit(EXIT_USAGE) from None
    typer.echo(f"noted on {key.indicator_code} of {key.area_code} in {key.period_code}")


@release_app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List all releases, and the drafts that wait for a decision."""
    from loaders.release import release_hash
    from loaders.warehouse.releases import ReleaseLog

    log = ReleaseLog(stack_settings().warehouse_url)
    rows: list[dict[str, Any]] = [
        {
            "release": release.release_number,
            "period": release.period_code,
            "released_at": release.released_at,
            "approved_by": release.approved_by,
            "hash": release_hash(release),
        }
        for release in log.releases()
    ]
    waiting = [
        {"draft": one.draft_id, "period": one.period_code, "prepared_at": one.prepared_at}
        for one in log.drafts()
        if one.state == "open"
    ]
    if as_json:
        typer.echo(json.dumps({"releases": rows, "drafts": waiting}, ensure_ascii=False, default=str))
        return
    console.print_table("Releases", rows)
    console.print_table("Drafts that wait for a decision", waiting)


@release_app.command()
def export(
    number: Annotated[int, typer.Argument(help="The number of a release.")],
    to: Annotated[Path, typer.Option(help="A new folder.")],
) -> None:
    """Write a release as a folder: CSV, Parquet, SDMX-CSV, the dictionary, a data package and all hashes."""
    from loaders.operations import releases
    from loaders.warehouse.releases import CannotBeReleased

    try:
        files = releases.export(stack_settings(), number, to)
    except (CannotBeReleased, releases.ExportError) as error:
        console.print_error(str(error))
        raise typer.Exit(EXIT_USAGE) from None
    typer.echo(f"wrote {len(files)} files to {to}")


def _show_draft(draft: int | None, as_json: bool) -> None:
    from loaders.contract.release_rules import load_release_rules
    from loaders.operations.releases.preconditions import objections
    from loaders.warehouse.releases import CannotBeReleased, ReleaseLog

    settings = stack_settings()
    try:
        found = ReleaseLog(settings.warehouse_url).draft(draft)
    except CannotBeReleased as error:
        console.print_error(str(error))
        raise typer.Exit(EXIT_USAGE) from None
    failed = [one.en for one in objections(found.summary, load_release_rules(settings.release_rules))]
    if as_json:
        typer.echo(json.dumps({**asdict(found), "objections": failed}, ensure_ascii=False, default=str))
        return
    summary = found.summary
    typer.echo(f"draft {found.draft_id} of {found.period_code} ({found.state}), prepared {found.prepared_at:%Y-%m-%d %H:%M}")
    typer.echo(f"{summary['added']} new values, {summary['restated']} that differ from their last release")
    targets = summary["targets"]
    typer.echo(f"{targets['reached']} of {targets['targets']} targets are reached")
    _show_restatements(summary["restatements"])
    console.print_table("Units that have not reported", [{**row, "units": ", ".join(row["units"])} for row in summary["missing"]])
    console.print_table("Documents that are refused and not replaced", summary["refusals"])
    console.print_table("Errors that are not resolved", summary["errors"])
    console.print_table(
        "Documents of published periods that came or went since the last release", summary.get("changed_documents", [])
    )
    console.print_table("Targets", summary.get("target_rows", []))
    for reason in failed:
        console.print_error(f"✗ {reason}")
    if not failed and found.state == "open":
        typer.echo(
            f"every precondition holds: huimin release publish {found.draft_id} --why TEXT --by NAME, or huimin release return"
        )


def _show_restatements(restatements: list[dict[str, Any]]) -> None:
    rows = [
        {
            "indicator": row["indicator"],
            "area": row["area"],
            "period": row["period"],
            "of": name,
            "released": before,
            "now": now,
            "causes": ", ".join(row.get("causes", [])),
            "documents": ", ".join([*row.get("files", []), *([f"{row['more_files']} more"] if row.get("more_files") else [])]),
            "note": row.get("note"),
        }
        for row in restatements
        for name, (before, now) in row["changed"].items()
    ]
    if rows:
        console.print_table("Values that differ from their last release", rows)


def _person(by: str | None) -> str:
    return (by or getpass.getuser()).strip()


def _words(why: str) -> str:
    if not why.strip():
        raise typer.BadParameter("say why, in words that others will understand", param_hint="--why")
    return why.strip()
