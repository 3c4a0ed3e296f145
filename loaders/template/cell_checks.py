"""What a cell lets through: XlsxWriter's options of a data validation, made of a column's choices, limits or formulas."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from loaders.contract import ColumnType
from loaders.messages import phrase
from loaders.template.choice_lists import is_enforced
from loaders.template.column_limits import DAYS, Bound, Limits
from loaders.template.column_notes import ColumnNote
from loaders.template.request import TemplateColumn, TemplateRequest
from loaders.template.text_formulas import all_of, length_of, text_conditions
from loaders.validation.rules.kinds import regex

# What spreadsheets count days from.
_DAY_ZERO = dt.date(1899, 12, 30)
_END_OF_DAY = 86_399 / 86_400
# Excel refuses a workbook whose messages are longer.
_MOST_TITLE, _MOST_INPUT, _MOST_ERROR = 32, 255, 225


def cell_check(
    request: TemplateRequest,
    printed: TemplateColumn,
    limits: Limits | None,
    note: ColumnNote,
    cell_of: Callable[[str], str],
    choices: str | None,
) -> dict[str, Any] | None:
    """The options of a column's validation; None where there is nothing to refuse and no more to say than the type.

    Args:
        request: what the template is for.
        printed: the column.
        limits: of a column of numbers or dates.
        note: what is expected, in words.
        cell_of: the reference to a column's cell in the first row, e.g. `$C5`.
        choices: the range of the column's list, e.g. `='下拉选项'!$A$1:$A$7`; None without a list.
    """
    if choices is not None:
        allowed: Mapping[str, Any] = {"validate": "list", "source": choices}
    elif limits is not None:
        allowed = _number_or_day(printed, limits, cell_of)
    else:
        allowed = _text(request, printed, cell_of(printed.name))
    if allowed["validate"] == "any" and "\n" not in note.text and printed.column.type is ColumnType.TEXT:
        return None
    return {
        **allowed,
        "input_title": printed.header[:_MOST_TITLE],
        "input_message": _short(note.text, _MOST_INPUT),
        "error_title": getattr(phrase("template.error_title"), request.lang),
        "error_message": _short(note.expected, _MOST_ERROR),
    }


def _number_or_day(printed: TemplateColumn, limits: Limits, cell_of: Callable[[str], str]) -> dict[str, Any]:
    kind = printed.column.type
    # 0.5 ten-thousands may be a whole number of the contract's unit.
    is_whole = kind is ColumnType.INTEGER and printed.factor == 1
    validate = "date" if kind in DAYS else "integer" if is_whole else "decimal"
    return {
        "validate": validate,
        "criteria": "between",
        "minimum": _lower(limits, cell_of),
        "maximum": _upper(limits, cell_of) if kind is not ColumnType.DATETIME else _plain(limits.upper) + _END_OF_DAY,
    }


def _lower(limits: Limits, cell_of: Callable[[str], str]) -> Any:
    if not limits.above:
        return _plain(limits.lower)
    # MAX leaves out blank cells.
    others = [_sum(cell_of(name), distance) for name, distance in limits.above.items()]
    return f"=MAX({','.join([_in_formula(limits.lower), *others])})"


def _upper(limits: Limits, cell_of: Callable[[str], str]) -> Any:
    if not limits.below:
        return _plain(limits.upper)
    bound = _in_formula(limits.upper)
    others = [f'IF({cell_of(name)}="",{bound},{_sum(cell_of(name), -distance)})' for name, distance in limits.below.items()]
    return f"=MIN({','.join([bound, *others])})"


def _sum(cell: str, distance: Decimal) -> str:
    return f"{cell}{distance:+f}" if distance else cell


def _plain(bound: Bound) -> Any:
    if isinstance(bound, dt.date):
        return (bound - _DAY_ZERO).days
    return int(bound) if bound == bound.to_integral_value() else float(bound)


def _in_formula(bound: Bound) -> str:
    if isinstance(bound, dt.date):
        return f"DATE({bound.year},{bound.month},{bound.day})"
    return f"{bound.normalize():f}"


def _text(request: TemplateRequest, printed: TemplateColumn, cell: str) -> dict[str, Any]:
    patterns = [
        rule.arguments["regex"]
        for rule in request.rules
        if rule.expect == regex.MATCH.expect and rule.columns[0] == printed.name and is_enforced(rule)
    ]
    conditions = text_conditions(printed.column, patterns, cell)
    length = length_of(printed.column)
    if not conditions:
        return {"validate": "any"}
    if len(conditions) == 1 and length is not None:
        return {"validate": "length", "criteria": "==", "value": length}
    return {"validate": "custom", "value": all_of(conditions)}


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
