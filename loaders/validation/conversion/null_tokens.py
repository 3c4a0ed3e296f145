"""Which texts of a column mean that there is no value: what clerks write (`—`, `无`) and what programs write (`NULL`, `\\N`)."""

from __future__ import annotations

from collections.abc import Callable

from loaders.contract import Column, ColumnType, Report
from loaders.validation.conversion.cell_parsers import choices_by_form, comparable_form, truth_of


def null_tokens_of(report: Report, column: Column) -> tuple[str, ...]:
    """The texts that stand for a null.

    A word of the report's lists that is a value of the column is that value (`无` where it is a choice, or false); a list of
    the column itself holds as it is written.
    """
    is_value = _values_of(column)
    return (
        *_applicable_tokens(column.null_tokens, report.null_tokens, is_value),
        *_applicable_tokens(column.null_literals, report.null_literals, is_value),
    )


def _applicable_tokens(own: tuple[str, ...] | None, general: tuple[str, ...], is_value: Callable[[str], bool]) -> tuple[str, ...]:
    return own if own is not None else tuple(word for word in general if not is_value(word))


def _values_of(column: Column) -> Callable[[str], bool]:
    if column.type is ColumnType.BOOLEAN:
        return lambda word: truth_of(word) is not None
    if column.type is ColumnType.CHOICE:
        known = choices_by_form(column)
        return lambda word: comparable_form(word) in known
    return lambda _: False
