"""What is wrong with the reports that came: a list with filters, one issue with its document, and what people decide about it."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Annotated, Any, Literal

import psycopg
from fastapi import APIRouter, Form, Query
from starlette.responses import RedirectResponse, Response

from loaders.checking import MarkedSheet, marked_sheets
from loaders.contract import Report
from loaders.landing import fetch_landed
from loaders.messages.explain import explained
from loaders.operations import issue_actions
from loaders.pages.charts import Chart, Series, line_chart
from loaders.pages.page import NothingThere, OperatorPage, Page, UnitPage
from loaders.period import local_today
from loaders.settings import SettingsError
from loaders.warehouse import DecisionRefused, NoLongerCurrent, Warehouse, Words
from loaders.warehouse.queries.issue_page_queries import (
    IssueChoice,
    chosen_issues,
    pass_rates,
    rules_of_issues,
    tables_of_document,
)

router = APIRouter()
_PAGE_ROWS = 50
_MOST_WORDS = 500
_REASONS = ("confirmed_true", "rule_too_strict", "source_cannot_correct", "approved_exception")
_STATES = ("open", "notified", "acknowledged", "reopened", "corrected", "overridden", "replayed", "expired", "all")
_log = logging.getLogger(__name__)
_Reason = Literal["confirmed_true", "rule_too_strict", "source_cannot_correct", "approved_exception"]


@router.get("/issues", name="issues")
def show_issues(
    page: UnitPage,
    report: str = "",
    unit: str = "",
    period: str = "",
    rule: str = "",
    state: str = "",
    older_than: Annotated[str, Query(pattern=r"^\d{0,5}$")] = "",
    start: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:
    """Shows the issues of a choice, those that are open first of all; with a report and a rule, how many rows broke it."""
    units = page.viewer.unit_codes
    choice = IssueChoice(
        report or None,
        unit or None,
        period or None,
        rule or None,
        state if state in _STATES else None,
        int(older_than) if older_than else None,
    )
    with page.reading() as connection:
        rows = chosen_issues(connection, units, choice, limit=_PAGE_ROWS, offset=start)
        rules = rules_of_issues(connection, units)
    reports = page.files.reports
    return page.render(
        "issues.html.j2",
        rows=rows,
        choice=choice,
        chosen={name: value for name, value in choice.as_parameters().items() if value is not None},
        total=rows[0]["total_count"] if rows else 0,
        start=start,
        page_rows=_PAGE_ROWS,
        reports=reports,
        units=sorted({code for one in reports.values() for code in one.units if page.viewer.sees(code)}),
        rules=[(row["rule"], page.rule_title(row["rule"])) for row in rules],
        states=_STATES,
        chart=_trend(page, choice),
    )


@router.get("/issues/{key}", name="issue")
def show_issue(page: UnitPage, key: str) -> Response:
    """Shows one issue: what is wrong, how it is fixed, its life, and what may be decided."""
    return _render_issue(page, _issue(page, key))


@router.get("/issues/{key}/document", name="issue_document")
def show_document(page: UnitPage, key: str) -> Response:
    """Shows the document as it came: the rows around the cells of its issues, personal values masked."""
    issue = _issue(page, key)
    report = page.files.reports.get(issue["report"])
    sheets = _document(page, issue, report)
    return page.render("issue_document.html.j2", issue=issue, report=report, sheets=sheets)


@router.post("/issues/{key}/acknowledge", name="acknowledge_issue")
def acknowledge(
    page: UnitPage,
    key: str,
    words: Annotated[str, Form(min_length=1, max_length=_MOST_WORDS)],
    until: Annotated[dt.date | Literal[""], Form()] = "",
) -> Response:
    """Records that somebody knows of an issue and sees to it."""
    issue = _issue(page, key)
    return _decide(page, issue, words, until, None)


@router.post("/issues/{key}/override", name="override_issue")
def override(
    page: OperatorPage,
    key: str,
    words: Annotated[str, Form(min_length=1, max_length=_MOST_WORDS)],
    reason: Annotated[_Reason, Form()],
    until: Annotated[dt.date | Literal[""], Form()] = "",
) -> Response:
    """Records that the value of a rejected row is right, and loads the row."""
    issue = _issue(page, key)
    return _decide(page, issue, words, until, reason)


def _decide(page: Page, issue: dict[str, Any], words: str, until: dt.date | str, reason: str | None) -> Response:
    """Acknowledges an issue, or overrides it for a reason, and leads back to it."""
    last_day = until if isinstance(until, dt.date) else None
    if not words.strip() or (last_day is not None and last_day < local_today()):
        return _render_issue(page, issue, page.text("page.issue.words_needed"), 400)
    decided = Words(page.viewer.name, words.strip(), last_day, reason)
    settings = page.services.settings
    try:
        if reason is None:
            issue_actions.acknowledge(settings, issue["issue_key"], decided)
        else:
            issue_actions.override(settings, issue["issue_key"], decided)
    except (DecisionRefused, NoLongerCurrent) as error:
        _log.info("a decision about issue %s was refused: %s", issue["issue_key"][:12], error)
        return _render_issue(page, _issue(page, issue["issue_key"]), page.text("page.issue.refused"), 409)
    except SettingsError:
        return _render_issue(page, issue, page.text("page.issue.no_key"), 409)
    return RedirectResponse(page.link(f"/issues/{issue['issue_key']}"), 303)


def _render_issue(page: Page, issue: dict[str, Any], refusal: str = "", status: int = 200) -> Response:
    return page.render(
        "issue.html.j2",
        status,
        issue=issue,
        refusal=refusal,
        report=page.files.reports.get(issue["report"]),
        templates=explained(issue["rule"]),
        reasons=_REASONS,
        today=local_today(),
    )


def _issue(page: Page, key: str) -> dict[str, Any]:
    """Returns an issue with its history.

    Raises:
        NothingThere: there is none, or it is of a unit that may not be shown.
    """
    try:
        issue = issue_actions.issue_with_history(page.services.settings, key)
    except DecisionRefused as error:
        raise NothingThere from error
    if not page.viewer.sees(issue["unit_code"]):
        raise NothingThere
    return issue


def _document(page: Page, issue: dict[str, Any], report: Report | None) -> tuple[MarkedSheet, ...]:
    submission_id = issue["last_submission_id"]
    sha256, issues = Warehouse(page.services.settings.warehouse_url).document_issues(submission_id)
    with page.reading() as connection:
        tables = tables_of_document(connection, submission_id)
    try:
        content = fetch_landed(page.services.settings.landing, sha256).read_bytes()
    except OSError:
        _log.warning("the landed file of submission %s cannot be read", submission_id)
        return ()
    return marked_sheets(content, report, issues, tables, page.lang)


def _trend(page: Page, choice: IssueChoice) -> Chart | None:
    """The share of rows that break a rule of a report, per period; None when nothing was built yet."""
    if choice.report is None or choice.rule is None:
        return None
    units = page.viewer.unit_codes
    if choice.unit is not None:
        units = [choice.unit] if page.viewer.sees(choice.unit) else []
    try:
        with page.reading_figures() as connection:
            rates = pass_rates(connection, choice.report, choice.rule, units)
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        return None
    if not rates:
        return None
    # Of nearly all rows that pass, the line would be flat; what fails can be seen.
    shares = tuple(round(100 * row["failed_count"] / row["validated_count"], 2) for row in rates)
    title = page.text("page.issues.fail_rate", rule=page.rule_title(choice.rule))
    series = [Series(page.text("page.issues.fail_rate_pct"), shares)]
    return line_chart(title, title, page.text("page.period"), [row["period_code"] for row in rates], series)
