"""The evidence model of a report and its unit test: written without an indicator, then extended by one indicator at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from loaders.contract import Column, ColumnType, KeyScope, Report
from loaders.raw_schema import key_name
from loaders.scaffold.yaml_text import flow

_DAY = "2023-05-31"
# {{ evidence_row('', ref('stg_charity__warm_winter'), …, where='false') }}
_PLACEHOLDER = re.compile(r"\{\{ evidence_row\('', .*?\}\}", re.DOTALL)
_NO_ROWS = "      rows: []\n"
_DESCRIPTION = """\
version: 2
models:
  - name: {model}
    description: Which rows of {report} are evidence of which indicator.
unit_tests:
  - name: {test}
    model: {model}
    given:
      - input: ref('{staging}')
        rows:
          - {row}
    expect:
{expected}"""
_SAMPLES: dict[ColumnType, Any] = {
    ColumnType.INTEGER: 2,
    ColumnType.DECIMAL: 2.5,
    ColumnType.DATE: _DAY,
    ColumnType.DATETIME: f"{_DAY} 00:00:00",
    ColumnType.MONTH: "2023-05",
    ColumnType.QUARTER: "2023Q2",
    ColumnType.YEAR: "2023",
    ColumnType.BOOLEAN: True,
}
_NUMBERS = (ColumnType.INTEGER, ColumnType.DECIMAL)
_DATES = (ColumnType.DATE, ColumnType.DATETIME)
# From the smallest area to the largest: a row counts for its lowest known area, and the engine adds up.
_AREA_LISTS = ("divisions.village", "divisions.town", "divisions.county", "divisions.zone", "divisions.county_or_city")


def evidence_path(root: Path, report: Report) -> Path:
    """Returns the path of the report's evidence model; its description is beside it."""
    return root / "dbt_project" / "models" / "evidence" / report.system / f"evidence_{report.report}.sql"


def evidence_sql(report: Report, root_division: str) -> str:
    """Returns an evidence model without an indicator: valid SQL that selects no row."""
    command = f"huimin new-indicator CODE --report {report.report}"
    row = _evidence_row(report, root_division, "", ", where='false'")
    return f"-- Which rows of {report.report} are evidence of which indicator: `{command}`.\n{row}\n"


def with_evidence_row(report: Report, root_division: str, text: str, code: str, quantity: str | None) -> str:
    """Returns the evidence model with one more indicator. The first one takes the place of the row that selects nothing."""
    row = _evidence_row(report, root_division, code, f", quantity='{quantity}'" if quantity else "")
    if _PLACEHOLDER.search(text):
        return _PLACEHOLDER.sub(lambda _: row, text, count=1)
    return f"{text.rstrip()}\n\nunion all\n\n{row}\n"


def evidence_description(report: Report, root_division: str) -> str:
    """Returns the model's description with a unit test of one row and no evidence."""
    model = f"evidence_{report.report}"
    staged = {name: value for column in _columns_in_use(report) for name, value in _sample(column, root_division)}
    row = staged | {"unit_code": root_division, "submission_id": 1, "sheet": "1", "row_number": 2}
    if _event_date(report) == "period_end":
        row["period_end"] = _DAY
    return _DESCRIPTION.format(
        model=model, report=report.report, test=_test_name(report), staging=_staging(report), row=flow(row), expected=_NO_ROWS
    )


def with_expected_row(report: Report, root_division: str, text: str, code: str, quantity: str | None) -> str:
    """Returns the description whose unit test expects a row of the indicator too; unchanged, if its end was edited otherwise."""
    row = f"        - {flow(expected_row(report, root_division, code, quantity))}\n"
    if text.endswith(_NO_ROWS):
        return text.removesuffix(_NO_ROWS) + "      rows:\n" + row
    is_ours = text.rpartition("\n  - name: ")[2].startswith(f"{_test_name(report)}\n")
    ends_in_rows = text.rstrip().splitlines()[-1].startswith("        - {indicator_code: ")
    return text + row if is_ours and ends_in_rows else text


def expected_row(report: Report, root_division: str, code: str, quantity: str | None) -> dict[str, Any]:
    """Returns the evidence of the row that the generated unit test gives; its area is the root division."""
    row = {name: value for column in report.columns for name, value in _sample(column, root_division)}
    keys = [str(row[name]) for name in _key_names(report)] or ["1", "1", "2"]
    amount: Any = 1
    if quantity:
        column = report.column(quantity)
        amount = row[quantity] if column.type is ColumnType.INTEGER else f"{row[quantity]:.{column.shape[1]}f}"
    found = {"indicator_code": code, "area_code": root_division, "event_date": _DAY}
    return found | {"quantity": amount, "subject_key": "/".join(keys)}


def _evidence_row(report: Report, root_division: str, code: str, more: str) -> str:
    relation, area = f"ref('{_staging(report)}')", _area_code(report, root_division)
    places = f'event_date="{_event_date(report)}", subject_key="{_subject_key(report)}", area_code="{area}"'
    return f"{{{{ evidence_row('{code}', {relation},\n    {places}{more}) }}}}"


def _staging(report: Report) -> str:
    return f"stg_{report.system}__{report.report}"


def _test_name(report: Report) -> str:
    return f"rows_of_{report.report}_are_evidence"


def _event_date(report: Report) -> str:
    """Returns the first column of dates that always has a value; else the end of the document's period."""
    return next((column.name for column in report.columns if column.type in _DATES and column.required), "period_end")


def _subject_key(report: Report) -> str:
    scope = {KeyScope.REPORT: (), KeyScope.UNIT: ("unit_code",), KeyScope.DOCUMENT: ("submission_id",)}[report.key_scope]
    names = (*scope, *_key_names(report)) if report.key else ("submission_id", "sheet", "row_number")
    return names[0] if len(names) == 1 else f"concat_ws('/', {', '.join(names)})"


def _key_names(report: Report) -> tuple[str, ...]:
    return tuple(key_name(column) if column.is_personal else column.name for column in map(report.column, report.key))


def _area_column(report: Report) -> Column | None:
    """Returns the column of the smallest areas that the contract checks against the list of divisions."""
    known = {column.known_in: column for column in reversed(report.columns) if column.type is ColumnType.DIVISION_CODE}
    return next((known[name] for name in _AREA_LISTS if name in known), None)


def _area_code(report: Report, root_division: str) -> str:
    # The units of stations and funds are no areas.
    unit = "unit_code" if report.unit_level in {"city", "county", "town"} else f"'{root_division}'"
    column = _area_column(report)
    if column is None:
        return unit
    return column.name if column.required else f"coalesce({column.name}, {unit})"


def _columns_in_use(report: Report) -> Iterator[Column]:
    """Yields the columns that a row of evidence can read: keys, dates, areas and quantities."""
    for column in report.columns:
        if column.key or column is _area_column(report) or column.name == _event_date(report) or column.type in _NUMBERS:
            yield column


def _sample(column: Column, root_division: str) -> Iterator[tuple[str, Any]]:
    value = root_division if column.type is ColumnType.DIVISION_CODE else _SAMPLES.get(column.type, "A1")
    value = column.choices[0] if column.choices else value
    yield (key_name(column) if column.is_personal else column.name), value
