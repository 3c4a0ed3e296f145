"""Known values as the form prints them. What the form would not let through is left blank."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from loaders.contract import Column
from loaders.period import Period, PeriodKind
from loaders.template.choice_lists import choices_of
from loaders.template.request import TemplateColumn, TemplateRequest
from loaders.validation.model.row_rule import PERIOD_TYPES

Printed = str | int | float | dt.date


def known_rows(request: TemplateRequest) -> Iterator[dict[str, Printed]]:
    """Yields the known rows, each with the printed values of its columns; those of the document's period are filled in too."""
    lists = {printed.name: frozenset(choices_of(request, printed.column)) for printed in request.columns}
    for row in request.known:
        values: dict[str, Printed] = {}
        for printed in request.columns:
            value = _value(request, printed, row)
            if value is not None and (not lists[printed.name] or value in lists[printed.name]):
                values[printed.name] = value
        yield values


def rows_of_sheet(request: TemplateRequest, sheet: str, sheets_count: int) -> list[dict[str, Printed]]:
    """The known rows that belong on a sheet: those of its town where there is a sheet per town, else all."""
    rows = list(known_rows(request))
    if sheets_count == 1:
        return rows
    return [row for row in rows if sheet in {str(value) for value in row.values()}]


def _value(request: TemplateRequest, printed: TemplateColumn, row: Mapping[str, Any]) -> Printed | None:
    column = printed.column
    if column.type in PERIOD_TYPES:
        return _period(request, column)
    value = row.get(printed.name)
    if value is None or column.is_personal:
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal | int):
        return _number(Decimal(value) / printed.factor)
    if isinstance(value, dt.date):
        return value
    return str(value)


def _period(request: TemplateRequest, column: Column) -> str | None:
    """The one period of the column's kind in the document's period."""
    if request.period is None:
        return None
    period = Period.containing(request.period.start, PeriodKind(column.type.value))
    is_only_one = period.start <= request.period.start and request.period.end <= period.end
    return str(period) if is_only_one else None


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
