"""Marks of what no single cell can refuse: a required cell of a begun row, a contradiction, a sum that is wrong, a key twice,
more decimals than are kept.

Each is a formula for a conditional format, true where a cell is to be marked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from loaders.contract import ColumnType
from loaders.model import Severity
from loaders.template.column_limits import NUMBERS, decimal_places
from loaders.template.request import TemplateRequest
from loaders.validation.model.row_rule import NOT_NULL, PERIOD_TYPES, RowRule
from loaders.validation.rules.kinds import equal_sum, null

# Each row is compared with each: beyond this, a spreadsheet becomes slow.
_MOST_ROWS_FOR_KEYS = 1000


def row_marks(
    request: TemplateRequest, cell_of: Callable[[str], str], row: str, range_of: Callable[[str], str] | None
) -> Iterator[tuple[str, str]]:
    """Yields names of columns with the formula of their mark.

    Args:
        request: what the template is for.
        cell_of: the reference to a column's cell in the first row, e.g. `$C5`.
        row: the reference to all cells of the first row, e.g. `$A5:$H5`.
        range_of: the reference to all cells of a column, e.g. `$C$5:$C$204`; None where there is one row.
    """
    for rule in request.rules:
        if rule.severity is not Severity.ERROR:
            continue
        if rule.expect == NOT_NULL:
            begun = [_condition(request, rule, cell_of)] if rule.where else [f"COUNTA({row})>0"]
            yield rule.columns[0], f"=AND(LEN({cell_of(rule.columns[0])})=0,{','.join(begun)})"
        elif rule.expect == null.KIND.expect and rule.where:
            yield rule.columns[0], f"=AND(LEN({cell_of(rule.columns[0])})>0,{_condition(request, rule, cell_of)})"
        elif rule.expect == equal_sum.KIND.expect and not rule.where:
            yield from _wrong_sum(request, rule, cell_of)
    yield from _too_many_decimals(request, cell_of)
    if range_of is not None and request.rows_count <= _MOST_ROWS_FOR_KEYS:
        yield from _key_twice(request, cell_of, range_of)


def _condition(request: TemplateRequest, rule: RowRule, cell_of: Callable[[str], str]) -> str:
    """The rule's `where` as a formula."""
    parts = []
    for name, values in rule.where.items():
        is_truth = request.report.column(name).type is ColumnType.BOOLEAN
        texts = [("是" if value else "否") if is_truth else str(value) for value in values]
        parts.append(_any_of([f'{cell_of(name)}="{_escaped(text)}"' for text in texts]))
    return ",".join(parts)


def _any_of(conditions: Sequence[str]) -> str:
    return f"OR({','.join(conditions)})" if len(conditions) > 1 else conditions[0]


def _escaped(text: str) -> str:
    return text.replace('"', '""')


def _wrong_sum(request: TemplateRequest, rule: RowRule, cell_of: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    printed = [column for column in request.columns if column.name in rule.columns]
    if len({column.factor for column in printed}) > 1 or any(column.column.type not in NUMBERS for column in printed):
        return
    total, *parts = map(cell_of, rule.columns)
    tolerance = rule.arguments["tolerance"] / float(printed[0].factor)
    yield (
        rule.columns[0],
        f"=AND(COUNT({','.join([total, *parts])})={1 + len(parts)},ABS({total}-{'-'.join(parts)})>={tolerance:.10f})",
    )


def _too_many_decimals(request: TemplateRequest, cell_of: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """A number with more decimals than its column keeps would be rounded."""
    for printed in request.columns:
        if printed.column.type is ColumnType.DECIMAL:
            cell, places = cell_of(printed.name), decimal_places(printed)
            yield printed.name, f"=AND(ISNUMBER({cell}),ABS({cell}-ROUND({cell},{places}))>0.0000001)"


def _key_twice(
    request: TemplateRequest, cell_of: Callable[[str], str], range_of: Callable[[str], str]
) -> Iterator[tuple[str, str]]:
    """Marks the first column of a key that is no period; compared as texts, because COUNTIF takes long codes for numbers."""
    names = [name for name in request.report.key if request.report.column(name).type not in PERIOD_TYPES]
    if names:
        same = "*".join(f"({range_of(name)}={cell_of(name)})" for name in names)
        yield names[0], f"=AND(LEN({cell_of(names[0])})>0,SUMPRODUCT({same})>1)"
