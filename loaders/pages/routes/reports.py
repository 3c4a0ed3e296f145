"""Each contract as a page: columns, rules in words, due days, owner, layouts, and the empty document to fill in."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query
from starlette.responses import Response

from loaders.contract import Report
from loaders.pages.page import NothingThere, OpenPage, Page
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
    return page.render("report.html.j2", **report_context(report, calendar, page.files.deployment.systems))


@router.get("/reports/{name}/template", name="report_template")
def download_template(page: OpenPage, name: str, unit: str = "", period: Annotated[str, Query(max_length=20)] = "") -> Response:
    """Makes the empty document of a unit and a period; either may be left open."""
    page.refuse_strangers()
    report = _report(page, name)
    wanted = unit if unit in report.units else None
    if wanted is None and len(report.units) == 1:
        wanted = report.units[0]
    request = TemplateRequest(report, page.files.divisions, wanted, _period(report, period), _ROWS, page.lang)
    try:
        made = make_template(request)
    except TemplateError as error:
        raise NothingThere from error
    disposition = f"attachment; filename*=UTF-8''{quote(made.file_name)}"
    return Response(made.content, headers={"Content-Disposition": disposition}, media_type="application/octet-stream")


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
