"""Figures: one indicator over time and over areas, against targets and print; each number leads to its evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from loaders.pages.figures.figure_charts import (
    area_name,
    expected_by_month,
    figure_marks,
    indicator_name,
    parts_chart,
    restatement_text,
    town_map,
    town_ranking,
    trend,
)
from loaders.pages.figures.figure_choice import BASES, FigureChoice, chosen_figure
from loaders.pages.page import Page, UnitPage
from loaders.warehouse.queries.figure_page_queries import (
    is_built,
    prints_of,
    restatements_of,
    series_of,
    targets_of,
    values_at,
)

router = APIRouter()
Row = Mapping[str, Any]


@router.get("/figures", name="figures")
def show_figures(page: UnitPage, indicator: str = "", area: str = "", period: str = "", basis: str = "") -> Response:
    """Shows one indicator; what the address leaves open is chosen."""
    with page.reading_figures() as connection:
        if not is_built(connection):
            return page.render("figures_none.html.j2")
        choice = chosen_figure(page, connection, indicator, area, period, basis)
        wanted = list(dict.fromkeys([choice.area_code, *(one["area_code"] for one in choice.parts())]))
        series = series_of(connection, choice.code, wanted, choice.kind, choice.basis)
        at_period = values_at(connection, choice.code, choice.period_code, "town", choice.basis)
        prints = prints_of(connection, choice.code, choice.area_code)
        targets = targets_of(connection, choice.code, choice.area_code)
        restated = restatements_of(connection, choice.code, choice.area_code)
    marks = figure_marks(page, choice, prints, restated)
    towns = {row["area_code"]: row["value"] for row in at_period}
    values = {row["period_code"]: row["value"] for row in series if row["area_code"] == choice.area_code}
    is_city = choice.area["area_level"] == "city"
    return page.render(
        "figures.html.j2",
        choice=choice,
        bases=BASES,
        domains=_by_domain(page, choice.indicators),
        name=indicator_name(page, choice.indicator),
        area_name=area_name(choice.area),
        value=values.get(choice.period_code),
        previous=_previous(choice, values),
        report=_report(page, choice),
        target=next((row for row in targets if row["period_code"] == choice.period_code and row["target"] is not None), None),
        prints=[row for row in prints if row["period_code"] == choice.period_code],
        restated=[restatement_text(page, row) for row in restated if row["period_code"] == choice.period_code],
        trend=trend(page, choice, series, targets, marks),
        has_expected=bool(expected_by_month(choice, targets)),
        mark_kinds={mark.kind for mark in marks},
        parts=parts_chart(page, choice, series) if is_city and len(choice.parts()) > 1 else None,
        map=town_map(page, choice, towns, page.files.places) if choice.towns() else None,
        ranking=town_ranking(page, choice, towns) if choice.towns() else None,
    )


def _by_domain(page: Page, rows: Sequence[Row]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The indicators by their domain, each with its code and name."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        found.setdefault(row["domain"], []).append((row["indicator_code"], indicator_name(page, row)))
    systems = page.files.deployment.systems
    return [(page.localized(systems[name].title) if name in systems else name, listed) for name, listed in found.items()]


def _previous(choice: FigureChoice, values: Mapping[str, Any]) -> Row | None:
    """The period before, with its value and the difference to it."""
    codes = [one["period_code"] for one in choice.periods if one["period_kind"] == choice.kind]
    at = codes.index(choice.period_code)
    now, before = values.get(choice.period_code), values.get(codes[at - 1]) if at else None
    if now is None or before is None:
        return None
    return {"period_code": codes[at - 1], "value": before, "difference": now - before}


def _report(page: Page, choice: FigureChoice) -> Any:
    """The contract of the report that the indicator is counted from; None for ratios and for what has several."""
    return next((one for one in page.files.reports.values() if one.code == choice.indicator["source_report"]), None)
