"""Facts that are asked for more than once, and what could be filled in from what is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from loaders.contract import Report
from loaders.operations.forms.overlaps import best_per_column, overlap_rows, repeated_rows
from loaders.pages.page import NothingThere, UnitPage

router = APIRouter()


@router.get("/overlap", name="overlap")
def show_overlaps(page: UnitPage, report: str = "") -> Response:
    """Shows for each column the surest report that knows it; with a report, all pairs with it."""
    reports = page.files.reports
    if report and report not in reports:
        raise NothingThere
    visible = {name: one for name, one in reports.items() if page.viewer.units is None or page.viewer.units & set(one.units)}
    rows = [
        row for row in overlap_rows(page.files.overlaps, reports, page.lang, report=report or None) if row["report"] in visible
    ]
    return page.render(
        "overlap.html.j2",
        report=report,
        reports=reports,
        systems=_by_report(visible, rows if report else best_per_column(rows)),
        pairs_count=len(rows),
        repeated=[row for row in repeated_rows(reports, report=report or None) if row["report"] in visible],
    )


def _by_report(reports: Mapping[str, Report], rows: Iterable[Mapping[str, Any]]) -> list[tuple[Report, list[Mapping[str, Any]]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["report"], []).append(row)
    return [(reports[name], listed) for name, listed in sorted(found.items(), key=lambda one: (-len(one[1]), one[0]))]
