"""The way back from a number: the rows that it is computed from, and the cell of each in its document."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from loaders.checking import marked_sheets
from loaders.landing import fetch_landed
from loaders.model import OpenIssue, Severity
from loaders.operations.evidence import evidence
from loaders.pages.figures.figure_charts import area_name, indicator_name
from loaders.pages.figures.figure_choice import FigureChoice, chosen_figure
from loaders.pages.page import NothingThere, Page, UnitPage
from loaders.warehouse.queries.evidence_queries import FigureEvidence
from loaders.warehouse.queries.figure_page_queries import is_built
from loaders.warehouse.queries.issue_page_queries import tables_of_document

router = APIRouter()
_MOST_ROWS = 200


@router.get("/evidence", name="evidence")
def show_evidence(page: UnitPage, indicator: str, area: str = "", period: str = "", basis: str = "") -> Response:
    """Shows the first rows behind a figure, as far as BI shows them and they are of units that may be seen."""
    choice, found = _found(page, indicator, area, period, basis)
    shown = [row for row in found.rows if row["unit"] is None or page.viewer.sees(row["unit"])]
    return page.render(
        "evidence.html.j2",
        choice=choice,
        name=indicator_name(page, choice.indicator),
        area_name=area_name(choice.area),
        rows=shown,
        found=found,
        withheld=len(found.rows) - len(shown),
        reports=page.files.reports,
    )


@router.get("/evidence/document", name="evidence_document")
def show_document(
    page: UnitPage,
    indicator: str,
    area: str,
    period: str,
    submission: Annotated[int, Query(ge=1)],
    basis: str = "",
    sheet: str = "",
    row: int = 0,
) -> Response:
    """Shows the rows around a cell of the evidence, personal values masked. It must be evidence that may be seen."""
    choice, found = _found(page, indicator, area, period, basis)
    cell = next(
        (
            one
            for one in found.rows
            if (one["submission"], one["sheet"] or "", one["row"]) == (submission, sheet, row)
            and (one["unit"] is None or page.viewer.sees(one["unit"]))
        ),
        None,
    )
    if cell is None or cell["sha256"] is None:
        raise NothingThere
    return page.render("evidence_document.html.j2", choice=choice, cell=cell, sheets=_sheets(page, cell))


def _found(page: Page, indicator: str, area: str, period: str, basis: str) -> tuple[FigureChoice, FigureEvidence]:
    """What an address asks for, and the first rows of its evidence."""
    with page.reading_figures() as connection:
        if not is_built(connection):
            raise NothingThere
        choice = chosen_figure(page, connection, indicator, area, period, basis)
        return choice, evidence(
            page.services.settings,
            choice.code,
            area=choice.area_code,
            period=choice.period_code,
            basis=choice.basis,
            as_reader=True,
            most=_MOST_ROWS,
            connection=connection,
        )


def _sheets(page: Page, cell: dict[str, Any]) -> Any:
    try:
        content = fetch_landed(page.services.settings.landing, cell["sha256"]).read_bytes()
    except OSError:
        return ()
    with page.reading() as connection:
        tables = tables_of_document(connection, cell["submission"])
    text = page.text("page.evidence.this_cell")
    mark = OpenIssue(
        issue_key="",
        submission_id=cell["submission"],
        unit_code=cell["unit"],
        period=cell["period"],
        source_uri=cell["uri"],
        revision=1,
        state="accepted",
        rule="evidence",
        severity=Severity.WARNING,
        message_zh=text,
        message_en=text,
        sheet=cell["sheet"],
        row=cell["row"],
        column=cell["column"],
        cell=cell["cell"],
    )
    return marked_sheets(content, page.files.reports.get(cell["report"]), [mark], tables, page.lang)
