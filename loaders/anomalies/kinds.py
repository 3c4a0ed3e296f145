"""What an anomaly is: a kind, its place in a panel, and the band that was expected."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AnomalyKind(StrEnum):
    """Why a value is told. Each is a warning: the value is loaded and counts."""

    UNUSUAL_VALUE = "unusual_value"
    SUDDEN_ZERO = "sudden_zero"
    REPEATED_VALUE = "repeated_value"
    SHARE_JUMP = "share_jump"
    ROUNDED_VALUES = "rounded_values"
    EMPTY_COLUMN = "empty_column"


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One value that differs from its history.

    `unit` and `month` are positions in the panel (of a column: 0 and the document). `value`, `expected`, `low` and `high` are in
    the unit of the values; shares, and rounded and filled cells, are percent. `history_months` is the length of the history, in
    months or documents.
    """

    kind: AnomalyKind
    unit: int
    month: int
    value: float
    expected: float
    low: float
    high: float
    history_months: int
