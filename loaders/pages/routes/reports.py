"""Each contract as a page: columns, rules in words, due days, owner, layouts, and the empty document to fill in."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query
from starlette.responses import Response

from loaders.contract import Report
from loaders.operations.forms.known_rows import known_rows
from loaders.overlap import repeated_columns
from loaders.pages.access.viewer import Role
from loaders.pages.page import LoginNeeded, NotAllowed, NothingThere, OpenPage, Page
from loaders.pages.report_facts import report_context, reports_context
from loaders.period import Period
from loaders.schedule import ReportingCalendar
from loaders.template import TemplateError, TemplateRequest, make_template

router = APIRouter()
_ROWS = 200


@router.get("/reports", name="reports")
def show_reports(page: OpenPage) -> Response:
    """Lists all reports by system."""
    page.refuse_strangers()
    return page.render("reports.html.j2", **reports_context(page.files.reports, page.files.deployment.systems))


@router.get("/reports/{name}", name="report")
def show_report(page: OpenPage, name: str) -> Response:
    """Shows one report."""
    page.refuse_strangers()
    report = _report(page, name)
    calendar = ReportingCalendar.load(page.services.settings)
    units = [unit for unit in report.units if page.viewer.role > Role.ANYONE and page.viewer.sees(unit)]
    context = report_context(report, calendar, page.files.deployment.systems)
    return page.render("report.html.j2", **context, known_units=units if repeated_columns(report) is not None else [])


@router.get("/reports/{name}/template", name="report_template")
def download_template(
    page: OpenPage, name: str, unit: str = "", period: Annotated[str, Query(max_length=20)] = "", known: bool = False
) -> Response:
    """Makes the empty document of a unit and a period; either may be left open.

    With `known`, it begins with what the unit reported before and is still there: for whoever may see the rows of the unit.
    """
    page.refuse_strangers()
    report = _report(page, name)
    wanted = unit if unit in report.units else None
    if wanted is None and len(report.units) == 1:
        wanted = report.units[0]
    request = TemplateRequest(report, page.files.divisions, wanted, _period(report, period), _ROWS, page.lang)
    try:
        made = make_template(_with_known_rows(page, request) if known else request)
    except TemplateError as error:
        raise NothingThere from error
    disposition = f"attachment; filename*=UTF-8''{quote(made.file_name)}"
    return Response(made.content, headers={"Content-Disposition": disposition}, media_type="application/octet-stream")


def _with_known_rows(page: Page, request: TemplateRequest) -> TemplateRequest:
    """The request with the rows that its unit sent before, and nothing that others sent.

    Raises:
        LoginNeeded: nobody is logged in.
        NotAllowed: no unit is named, or it is of others.
    """
    if page.viewer.role is Role.ANYONE:
        raise LoginNeeded
    if request.unit is None or not page.viewer.sees(request.unit):
        raise NotAllowed
    reports, period, overlaps = page.files.reports, request.period, page.files.overlaps
    found = known_rows(page.services.settings, reports, request.report, request.unit, period, overlaps=overlaps, is_own_only=True)
    sources = [reports[name].title.zh for name in found.sources]
    return replace(request, known=found.rows, sources=sources, withheld=frozenset(found.withheld))


def _report(page: Page, name: str) -> Report:
    """Returns a report by its name.

    Raises:
        NothingThere: there is none, or its contract cannot be used.
    """
    report = page.files.reports.get(name)
    if report is None:
        raise NothingThere
    return report


def _period(report: Report, text: str) -> Period | None:
    try:
        period = Period.parse(text) if text else None
    except ValueError:
        return None
    return period if period is not None and period.kind is report.period_kind else None
