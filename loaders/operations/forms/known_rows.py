"""What is known before a form is filled in: things that were reported before and are still there, and facts of registers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loaders.contract import Column, Replaces, Report
from loaders.overlap import Overlap, Relation, RepeatedColumns, find_overlaps, repeated_columns
from loaders.period import Period, local_today
from loaders.settings import Settings
from loaders.warehouse.queries.known_row_queries import known_rows as query_rows

Row = dict[str, Any]

# A form with more rows is one that no person fills in.
_MOST_ROWS = 20_000
_LEAST_SCORE = 0.8


@dataclass(frozen=True, slots=True)
class KnownRows:
    """Values by the contract's names of columns, in its units, and the reports that they are from.

    `withheld` are columns that were reported before and cannot be filled in: of personal values only hashes are kept.
    """

    rows: tuple[Mapping[str, Any], ...]
    sources: tuple[str, ...]
    withheld: tuple[str, ...]


def known_rows(
    settings: Settings,
    reports: Mapping[str, Report],
    report: Report,
    unit: str | None,
    period: Period | None,
    *,
    overlaps: Sequence[Overlap] | None = None,
    is_own_only: bool = False,
) -> KnownRows:
    """Finds the rows that the next document of a unit will have again, and what is known of them.

    Args:
        settings: of the warehouse.
        reports: all contracts by name.
        report: the one whose form is made.
        unit: the reporting unit; None where it is left open.
        period: what the document will report on; None for today.
        overlaps: what `find_overlaps` found in the reports, if somebody has it.
        is_own_only: reads nothing that another unit sent, such as the entries of its register.
    """
    day = period.start if period is not None else local_today()
    known = _Known(settings, report, unit, day, repeated_columns(report), is_own_only)
    registers = list(_registers(reports, report, overlaps))
    rows = known.reported_before()
    for register in registers:
        rows = known.completed(rows, register)
    if not rows:
        return KnownRows((), (), ())
    sources = dict.fromkeys((report.report, *(register.report.report for register in registers)))
    withheld = [column.name for column in report.columns if column.is_personal]
    return KnownRows(tuple(rows), tuple(sources), tuple(withheld))


@dataclass(frozen=True, slots=True)
class _Register:
    """A register that knows columns of a form: by one column of each, and the pairs of columns that are the same."""

    report: Report
    key: tuple[str, str]
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Known:
    """The form of one unit and day; `repeated` is what it asks again each period. `is_own_only`: of what the unit sent itself."""

    settings: Settings
    report: Report
    unit: str | None
    day: dt.date
    repeated: RepeatedColumns | None
    is_own_only: bool

    def reported_before(self) -> list[Row]:
        """The rows of the last document about things that have not ended since."""
        if self.repeated is None:
            return []
        columns = [self.report.column(name) for name in (*self.repeated.key, *self.repeated.staying)]
        closing = [self.report.column(name) for name in self.repeated.closing]
        rows = self._rows(self.report, [*columns, *closing], self.unit)
        kept = [column.name for column in columns if not column.is_personal]
        is_register = self.report.replaces is Replaces.REGISTER
        # A register goes on to list what ended; a report of a period has done with it.
        return [
            {name: row[name] for name in (*kept, *(one.name for one in closing if is_register))}
            for row in rows
            if is_register or all(row[column.name] is None for column in closing)
        ]

    def completed(self, rows: list[Row], register: _Register) -> list[Row]:
        """Rows with what a register knows of them; where rows are about its entries, with those that were not reported before."""
        own, other = register.key
        wanted = {other, *register.columns.values()}
        closing = repeated_columns(register.report)
        ended = closing.closing if closing is not None else ()
        columns = [column for column in register.report.columns if column.name in wanted or column.name in ended]
        sender = self.unit if self.is_own_only else None
        entries = {row[other]: row for row in self._rows(register.report, columns, sender) if row[other] is not None}
        for row in rows:
            entry = entries.get(row.get(own))
            if entry is not None:
                row |= {name: entry[known] for name, known in register.columns.items() if row.get(name) is None}
        if not (self._is_about(own) and self._sends(register.report) and ended):
            return rows
        listed = {row.get(own) for row in rows}
        mine = self._rows(register.report, columns, self.unit)
        new = [row for row in mine if row[other] not in listed and all(row[name] is None for name in ended)]
        return [*rows, *({own: row[other]} | {name: row[known] for name, known in register.columns.items()} for row in new)]

    def _is_about(self, column: str) -> bool:
        return self.repeated is not None and self.repeated.key == (column,) and self.report.replaces is Replaces.PERIOD

    def _sends(self, register: Report) -> bool:
        """Whether the unit sends the register itself, so that all of its entries are its own."""
        return self.unit in register.units and self.report.units == register.units

    def _rows(self, report: Report, columns: list[Column], unit: str | None) -> list[Row]:
        names = list(dict.fromkeys(column.name for column in columns if not column.is_personal))
        is_register = report.replaces is Replaces.REGISTER
        return query_rows(
            self.settings.warehouse_url, report.report, names, unit=unit, day=self.day, is_register=is_register, most=_MOST_ROWS
        )


def _registers(reports: Mapping[str, Report], report: Report, overlaps: Sequence[Overlap] | None) -> Iterator[_Register]:
    """Yields the registers from which columns of a report can be filled in, by one key each."""
    by_key: dict[tuple[str, tuple[str, str]], dict[str, str]] = {}
    for overlap in find_overlaps(reports, _LEAST_SCORE) if overlaps is None else overlaps:
        if overlap.score >= _LEAST_SCORE and _fills(overlap, reports, report):
            is_asked = overlap.asked.report == report.report
            known = overlap.known if is_asked else overlap.asked
            own, other = overlap.link[0] if is_asked else overlap.link[0][::-1]
            column = overlap.asked.column if is_asked else overlap.known.column
            if not reports[known.report].column(known.column).is_personal:
                by_key.setdefault((known.report, (own, other)), {})[column] = known.column
    for (name, key), columns in sorted(by_key.items()):
        yield _Register(reports[name], key, columns)


def _fills(overlap: Overlap, reports: Mapping[str, Report], report: Report) -> bool:
    if overlap.relation is not Relation.SAME or len(overlap.link) != 1:
        return False
    names = (overlap.asked.report, overlap.known.report)
    if report.report not in names:
        return False
    other = reports[names[1] if names[0] == report.report else names[0]]
    own, key = overlap.link[0] if names[0] == report.report else overlap.link[0][::-1]
    entries = repeated_columns(other)
    # A register has one row per key; a value that is hashed cannot be compared.
    is_kept = not report.column(own).is_personal and not other.column(key).is_personal
    return other.replaces is Replaces.REGISTER and entries is not None and entries.key == (key,) and is_kept
