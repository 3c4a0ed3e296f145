"""`huimin issues …`: what is wrong with the reports that came, what became of it, and what people decided about it."""

from __future__ import annotations

import datetime as dt
import getpass
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated, Any, Literal

import typer

from loaders.commands import console
from loaders.commands.arguments import check_known_report, checked_period, known_rule
from loaders.contract import load_contracts
from loaders.settings import Settings, reading_settings, stack_settings

issues_app = typer.Typer(no_args_is_help=True, help="What is wrong with the reports that came, and what becomes of it.")
EXIT_USAGE = 2
_MOST_ROWS = 50
_KEY_LENGTH = 12

State = Literal["open", "notified", "acknowledged", "corrected", "overridden", "replayed", "reopened", "expired"]
Key = Annotated[str, typer.Argument(help="The key of an issue, or as much of its beginning as names one.")]
Why = Annotated[str, typer.Option(help="Why, in words; they are kept with the decision.")]
By = Annotated[str | None, typer.Option(help="Who decided; without it, the user of this system.")]
Until = Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day on which it holds, e.g. 2026-12-31.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


class Reason(StrEnum):
    """Kinds of reasons for an override."""

    CONFIRMED_TRUE = "confirmed_true"
    RULE_TOO_STRICT = "rule_too_strict"
    SOURCE_CANNOT_CORRECT = "source_cannot_correct"
    APPROVED_EXCEPTION = "approved_exception"


@issues_app.callback()
def issues() -> None:
    """What is wrong with the reports that came, and what becomes of it."""


@issues_app.command("list")
def list_(
    report: Annotated[str | None, typer.Argument(help="A report's name; all when none is given.")] = None,
    unit: Annotated[str | None, typer.Option(help="Only this reporting unit, by code.")] = None,
    period: Annotated[str | None, typer.Option(help="Only this period, e.g. 2023-06.", callback=checked_period)] = None,
    rule: Annotated[str | None, typer.Option(help="Only this rule, by code.", callback=known_rule)] = None,
    state: Annotated[State | None, typer.Option(help="Only this state; without it, all that somebody must act on.")] = None,
    older_than: Annotated[int | None, typer.Option(min=0, help="Only what is older than so many days.")] = None,
    file: Annotated[str | None, typer.Option(help="Only documents with this text in their location.")] = None,
    refused: Annotated[bool, typer.Option("--refused", help="Only why documents were refused.")] = False,
    lang: Annotated[Literal["zh", "en"], typer.Option(help="The language of the messages.")] = "zh",
    as_json: AsJson = False,
) -> None:
    """List the open issues: refused documents first, then rows that were held back, then remarks. Personal values are masked."""
    from loaders.operations import issue_actions

    settings = reading_settings()
    _check_choice(settings, report, unit, period)
    choice = {"report": report, "unit": unit, "period": period, "rule": rule, "state": state, "file": file}
    with _refusals():
        rows = issue_actions.issues(settings, **choice, older_than=older_than, is_refused=refused)
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, default=str))
        return
    for row in rows[:_MOST_ROWS]:
        console.echo(_headline(row, row["unit"], row["file"]))
        console.echo(f"          {row[f'message_{lang}']}")
    shown = f", the first {_MOST_ROWS} shown; --json has all" if len(rows) > _MOST_ROWS else ""
    console.echo(f"{len(rows)} {state or 'open'} issue(s){shown}")


@issues_app.command()
def show(key: Key, as_json: AsJson = False) -> None:
    """Show one issue: where it is, its state, both sentences, and how to go on."""
    from loaders.operations import issue_actions

    with _refusals():
        issue = issue_actions.issue_with_history(reading_settings(), key)
    if as_json:
        typer.echo(json.dumps(issue, ensure_ascii=False, default=str))
        return
    console.echo(_headline(issue, issue["unit_code"], issue["source_uri"]))
    for line in (issue["message_zh"], issue["message_en"]):
        console.echo(f"  {line}")
    console.echo(
        f"  found first in submission {issue['first_submission_id']}, last in {issue['last_submission_id']}, "
        f"in {issue['submissions_count']} in all; {issue['owner_role'] or 'nobody'} answers for it"
    )
    console.echo(f"  what the rule means: huimin explain {issue['rule']}")


@issues_app.command()
def history(key: Key, as_json: AsJson = False) -> None:
    """List the events in the life of one issue, oldest first."""
    from loaders.operations import issue_actions

    with _refusals():
        events = issue_actions.issue_with_history(reading_settings(), key)["history"]
    if as_json:
        typer.echo(json.dumps(events, ensure_ascii=False, default=str))
    else:
        console.print_table("History", events)


@issues_app.command()
def acknowledge(
    key: Key,
    why: Why,
    by: By = None,
    until: Until = None,
    revoke: Annotated[bool, typer.Option("--revoke", help="Take the acknowledgement back.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say that you know of an issue and see to it, or take that back. Exit 2 when there is nothing to."""
    from loaders.operations import issue_actions
    from loaders.warehouse import Words

    if revoke and until is not None:
        raise typer.BadParameter("goes with an acknowledgement, not with --revoke", param_hint="--until")
    with _refusals(why):
        words = Words(_person(by), why.strip(), _day(until))
        whole = issue_actions.acknowledge(stack_settings(), key, words, revoke=revoke)
    if as_json:
        typer.echo(json.dumps({"issue_key": whole, "until": _day(until), "is_revoked": revoke}, default=str))
        return
    done = "is acknowledged no more" if revoke else "acknowledged" + (f" until {_day(until)}" if until else "")
    typer.echo(f"issue {whole[:_KEY_LENGTH]} {done}")


@issues_app.command()
def override(
    key: Key,
    reason: Annotated[Reason, typer.Option(help="The kind of reason.")],
    why: Why,
    by: By = None,
    until: Until = None,
    as_json: AsJson = False,
) -> None:
    """Confirm that the value of a rejected row is right, and load the row, marked. Exit 2 when no person may confirm it."""
    from loaders.operations import issue_actions
    from loaders.warehouse import Words

    with _refusals(why):
        done = issue_actions.override(stack_settings(), key, Words(_person(by), why.strip(), _day(until), reason))
    if as_json:
        found = {"issue_key": done.decision.issue_key, "is_loaded": done.is_loaded, "other_errors": done.other_errors}
        typer.echo(json.dumps(found, default=str))
        return
    name = done.decision.issue_key[:_KEY_LENGTH]
    if done.is_loaded:
        typer.echo(f"issue {name} overridden; row {done.place[1]} is loaded: huimin build brings it into the figures")
    else:
        others = ", ".join(other[:_KEY_LENGTH] for other in done.other_errors)
        typer.echo(f"issue {name} overridden; row {done.place[1]} stays in quarantine because of {others or 'its key'}")


def _headline(issue: Mapping[str, Any], unit: str, file: str) -> str:
    place = " ".join(str(part) for part in (issue["report"], unit, issue["period"], file, issue["cell"]) if part)
    age = issue.get("age_days", issue.get("age_days_count"))
    return f"{issue['severity']:<8}  {issue['issue_key'][:_KEY_LENGTH]}  {issue['state']}, {age} day(s)  {place}"


def _check_choice(settings: Settings, report: str | None, unit: str | None, period: str | None) -> None:
    contracts = load_contracts(settings.expectations)
    known = {*contracts.reports, *contracts.stopped}
    check_known_report(report, known, contracts.reports, unit=unit, period=period)


@contextmanager
def _refusals(why: str | None = None) -> Iterator[None]:
    """Refuses a decision without a reason, and prints in one line why something cannot be done."""
    from loaders.warehouse import DecisionRefused, NoLongerCurrent

    if why is not None and not why.strip():
        raise typer.BadParameter("say why, in words that others will understand", param_hint="--why")
    try:
        yield
    except (DecisionRefused, NoLongerCurrent) as error:
        console.print_error(str(error))
        raise typer.Exit(EXIT_USAGE) from None


def _person(by: str | None) -> str:
    return (by or getpass.getuser()).strip()


def _day(until: dt.datetime | None) -> dt.date | None:
    """Returns a day that has not passed yet."""
    from loaders.period import local_today

    if until is not None and until.date() < local_today():
        raise typer.BadParameter(f"expected today or a later day, found {until:%Y-%m-%d}", param_hint="--until")
    return None if until is None else until.date()
