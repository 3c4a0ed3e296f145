"""What a report asks again each period about things that stay: a case, a fund, a point that is being built."""

from __future__ import annotations

from loaders.contract import Column, ColumnType, Replaces, Report
from loaders.overlap.identifiers import ReportSubjects
from loaders.overlap.model import RepeatedColumns
from loaders.overlap.wording import stands_for_thing_in_period, terms, wording_of

_CHANGING = frozenset({ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.DATETIME})
_PERIODS = frozenset({ColumnType.MONTH, ColumnType.QUARTER})
_DAYS = frozenset({ColumnType.DATE})


def repeated_columns(report: Report) -> RepeatedColumns | None:
    """What stays from one document to the next; None where each row is an event that occurs once.

    A register is sent as a whole again; of a report per period, the rows about things with a code or a name are.
    """
    subjects = ReportSubjects(report)
    if not subjects.row_key or not _asks_again(report):
        return None
    key = tuple(column.name for column in subjects.row_key)
    stays = tuple(column.name for column in report.columns if column.name not in key and _stays(report, column))
    closing = tuple(column.name for column in report.columns if column.type in _DAYS and _stages(column) & terms().closing)
    if report.closing_column is not None and report.closing_column not in closing:
        closing = (*closing, report.closing_column)
    return RepeatedColumns(report.report, key, stays, closing)


def _asks_again(report: Report) -> bool:
    if report.replaces is Replaces.REGISTER:
        return True
    # A payment or an activity has a code, too, and is reported in its own month alone.
    return report.replaces is Replaces.PERIOD and stands_for_thing_in_period(report.grain.zh)


def _stays(report: Report, column: Column) -> bool:
    if column.type in _PERIODS | _CHANGING or (column.is_personal and report.replaces is not Replaces.REGISTER):
        return False
    if column.type in _DAYS:
        return not _stages(column) & (terms().closing | terms().later)
    names = wording_of(column.header).weights
    is_state = column.type is ColumnType.CHOICE and ("attribute:status" in names or column.name in {"status", "progress"})
    return not is_state and column.name != "remark"


def _stages(column: Column) -> frozenset[str]:
    return wording_of(column.header).opposites["stage"]
