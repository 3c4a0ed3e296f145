"""Loads and builds without a scheduler: `huimin load`, `huimin build`, `huimin cross-check`.

What fails of one report costs that report only. Mails are sent when the work is done, and what the mail server does not take
is said and waits for the next run: the exit code speaks of what was loaded.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from loaders.commands import console
from loaders.commands.arguments import check_selection, checked_periods
from loaders.contract import Report, load_contracts
from loaders.settings import Settings, reading_settings, stack_settings

if TYPE_CHECKING:
    from loaders.stages.contract_checks import PreparedReports

EXIT_FAILED = 1
_MOST_ISSUES = 5


def load(
    reports: Annotated[list[str], typer.Argument(help="Report names (see `huimin status`); all when none is given.")] = [],  # noqa: B006
    period: Annotated[list[str], typer.Option(help="Only these periods, e.g. 2023-06 or 2023Q2.", callback=checked_periods)] = [],  # noqa: B006
    unit: Annotated[list[str], typer.Option(help="Only these reporting units, by code.")] = [],  # noqa: B006
    uri: Annotated[list[str], typer.Option(help="Only these documents.")] = [],  # noqa: B006
    again: Annotated[bool, typer.Option("--again", help="Load landed documents again, e.g. after a rule changed.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="With --again: only say which rows would be taken back.")] = False,
    build: Annotated[bool, typer.Option(help="Build the indicators afterwards.")] = True,
) -> None:
    """Load what is new of some reports, without a scheduler. Exit 1 when a report could not be loaded."""
    from loaders.operations.loading import Choice, load_reports
    from loaders.stages.contract_checks import notify_contract_errors
    from loaders.warehouse.connection import keep_connections

    settings = stack_settings()
    contracts = load_contracts(settings.expectations)
    known = {*contracts.reports, *contracts.stopped}
    unknown = sorted(set(reports) - known)
    if unknown:
        raise typer.BadParameter(f"no such report: {', '.join(unknown)}; there are: {', '.join(sorted(known))}")
    for name in reports:
        if name in contracts.reports:
            check_selection(contracts.reports[name], period, unit)
    if dry_run:
        _print_dry_run(settings, [contracts.valid_report(name) for name in reports], period, unit, uri, again=again)
        return
    run = _Run(settings)
    # A retired report is asked for by name: its source may be gone.
    sent = sorted(name for name in known if name in contracts.stopped or contracts.reports[name].retired is None)
    with keep_connections():
        for loaded in load_reports(reports or sent, contracts, settings, Choice(period, unit, uri, again=again)):
            if loaded.failure:
                run.fail(loaded.report, loaded.failure)
                continue
            typer.echo(f"{loaded.report}: {console.counts(loaded.states) or 'nothing new'}")
            _print_issues(contracts.valid_report(loaded.report), settings, loaded.submissions)
        wrong = run.build() if build else ()
        run.notify(sorted({*(reports or contracts.reports), *wrong} & contracts.reports.keys()))
        notify_contract_errors(settings, run.mailer)
    run.end()


def _print_dry_run(
    settings: Settings,
    reports: Sequence[Report],
    periods: Sequence[str],
    units: Sequence[str],
    uris: Sequence[str],
    *,
    again: bool,
) -> None:
    """Prints what loading documents of these reports again would change."""
    from loaders.commands.documents.replay import print_differences
    from loaders.operations.replaying import differences_of_reload

    if not (again and reports):
        raise typer.BadParameter("say which reports, and --again: new documents are known when they are fetched")
    for report in reports:
        print_differences(differences_of_reload(settings, report, units=units, periods=periods, uris=uris))


def _print_issues(report: Report, settings: Settings, submissions: Sequence[int]) -> None:
    """Prints the first issues of the documents that were just loaded, and the command that prints all."""
    from loaders.warehouse import Warehouse

    found = Warehouse(settings.warehouse_url).open_issues([report], submissions=submissions) if submissions else []
    wrong = [issue for issue in found if issue["severity"] != "warning"]
    for issue in wrong[:_MOST_ISSUES]:
        console.print_note(f"  {issue['cell'] or issue['file']}: {issue['message_en']}")
    if found:
        console.print_note(f"  {len(found)} issue(s) in all: huimin issues list {report.report}")


def build(
    full: Annotated[
        bool, typer.Option("--full", help="Compute everything anew, whatever changed; only what differs is written.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what the build changed as JSON.")] = False,
) -> None:
    """Recompute the indicators that loads reached, unless nothing was loaded and no model changed since the last build."""
    from loaders import pipeline
    from loaders.operations.queries import changes_of_last_build

    settings = reading_settings()
    counts = pipeline.build(settings, is_whole=full)
    changes = changes_of_last_build(settings) if counts else {}
    if as_json:
        typer.echo(json.dumps({"nodes": counts, "changes": changes}, ensure_ascii=False))
        return
    typer.echo(f"indicators: {console.counts(counts) or 'nothing new'}")
    for name, count in changes.items():
        typer.echo(f"{name.replace('_', ' ')}: {', '.join(count) if isinstance(count, list) else count}")


def cross_check() -> None:
    """Run the rules between reports over all that is loaded, and mail what is new to the owners of the reports that are wrong."""
    run = _Run(reading_settings())
    run.notify(run.cross_check(again=True))
    run.end()


class _Run:
    """Work on several reports. What fails is said and costs the others nothing; `end` makes the exit code of it."""

    def __init__(self, settings: Settings) -> None:
        from loaders.stages.notifying.sending import Mailer

        self.mailer = Mailer(settings)
        self._settings = settings
        self._has_failed = False

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Work on a report, or another step that others do not need."""
        try:
            yield
        except Exception as error:
            # What others raise, such as a warehouse that is gone, stops all.
            if type(error).__module__.partition(".")[0] != "loaders":
                raise
            self.fail(name, f"{type(error).__name__}: {error}")

    def fail(self, name: str, reason: str) -> None:
        """Say what failed of a report or step."""
        self._has_failed = True
        console.print_error(f"{name}: {reason}")

    def cross_check(self, *, again: bool = False, prepared: PreparedReports | None = None) -> list[str]:
        """Run the rules between reports, of which one changed unless `again`; the reports whose owners are to be told of it."""
        from loaders import pipeline

        issues: dict[str, int] = {}
        with self.step("rules between reports"):
            issues = pipeline.cross_check(self._settings, again=again, prepared=prepared)
        for name, count in issues.items():
            typer.echo(f"{name}: {count} open against other reports")
        return list(issues)

    def build(self) -> list[str]:
        """Run the rules between reports, then build, whatever became of them; the reports whose owners are to be told."""
        from loaders import pipeline
        from loaders.warehouse import Warehouse

        prepared = pipeline.prepare_reports(Warehouse(self._settings.warehouse_url), self._settings)
        wrong = self.cross_check(prepared=prepared)
        with self.step("indicators"):
            typer.echo(f"indicators: {console.counts(pipeline.build(self._settings, is_prepared=True)) or 'nothing new'}")
        return wrong

    def notify(self, names: Iterable[str]) -> None:
        """Tell the owners what they were not told yet."""
        from loaders import pipeline

        for name in names:
            with self.step(name):
                if sent := pipeline.notify_owners(name, self._settings, self.mailer):
                    typer.echo(f"{name}: {sent} mail(s) sent")
        with self.step("digest of warnings"):
            if sent := pipeline.send_digests(self._settings, self.mailer):
                typer.echo(f"digest of warnings: {sent} mail(s) sent")

    def end(self) -> None:
        """Say which mails wait, and end with 1 when work failed."""
        for failure in self.mailer.failures:
            console.print_error(f"mail not sent, the next run sends it: {failure}")
        if self._has_failed:
            sys.exit(EXIT_FAILED)
