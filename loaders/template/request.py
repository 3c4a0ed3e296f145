"""What a template is asked for, and its columns as the documents of that period print them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from loaders.contract import Column, ColumnType, Report
from loaders.divisions import Divisions
from loaders.period import Period, PeriodKind, local_today
from loaders.reading.tables.headers.header_index import header_indexes
from loaders.reading.tables.headers.header_text import unit_of_header
from loaders.reading.values.units import printed_unit, scale_of
from loaders.validation.model.row_rule import RowRule
from loaders.validation.rules.rule_set import rules_of

_NUMBERS = frozenset({ColumnType.INTEGER, ColumnType.DECIMAL})


class TemplateError(ValueError):
    """No template can be made of this report. One line, for the person who asked."""


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """One column as it is printed: its header, the unit of its numbers, and the factor from that to the contract's unit."""

    column: Column
    header: str
    unit: str | None
    factor: Decimal

    @property
    def name(self) -> str:
        """The contract's name of the column."""
        return self.column.name


@dataclass(frozen=True)
class TemplateRequest:
    """A report, whose document of which period, and how many rows; `lang` is the language of notes and messages.

    Without a unit or a period, their lines above the table are left open. `known` are rows to begin with: values by the
    contract's names of columns, in its units. `sources` are the titles of the reports that they are from. `withheld` are columns
    whose values were reported before and are kept as hashes only.
    """

    report: Report
    divisions: Divisions
    unit: str | None = None
    period: Period | None = None
    rows: int = 200
    lang: str = "zh"
    known: Sequence[Mapping[str, Any]] = ()
    sources: Sequence[str] = ()
    withheld: frozenset[str] = frozenset()

    @cached_property
    def columns(self) -> tuple[TemplateColumn, ...]:
        """The columns of the layout that is in force in the period, else today."""
        kind = self.report.period_kind or PeriodKind.MONTH
        index = header_indexes(self.report, self.period or Period.containing(local_today(), kind))[0]
        return tuple(_printed(column, index.headers_of(column)[0]) for column in index.columns)

    @cached_property
    def rules(self) -> Sequence[RowRule]:
        """The rules of the report whose columns are all in the template."""
        names = {column.name for column in self.columns}
        return [rule for rule in rules_of(self.report) if names.issuperset([*rule.columns, *rule.where])]

    @property
    def rows_count(self) -> int:
        """How many rows there is room for: those that were asked for, and no less than are known."""
        return max(self.rows, len(self.known))

    @cached_property
    def unit_name(self) -> str | None:
        """The unit as it names itself above the table: its division's name, else its code."""
        if self.unit is None:
            return None
        division = self.divisions.by_code.get(self.unit)
        return division.name if division is not None else self.unit


def _printed(column: Column, header: str) -> TemplateColumn:
    if column.type not in _NUMBERS:
        return TemplateColumn(column, header, None, Decimal(1))
    unit = unit_of_header(header)
    return TemplateColumn(column, header, printed_unit(column, unit, ()), scale_of(column, unit, ()))
