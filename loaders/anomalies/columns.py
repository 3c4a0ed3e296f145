"""Anomalies of the columns of a unit's documents: empty all at once, or numbers that are rounded as they never were."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from loaders.anomalies.kinds import Anomaly, AnomalyKind

# Documents that make a history, rows that make a document comparable, and how filled a column must have been.
_MIN_DOCUMENTS, _MIN_ROWS, _MIN_FILLED_PCT = 3, 5, 90.0
_MIN_NUMBERS = 20
# A share of numbers ending in 0 or 5 is told from so many standard deviations above the usual one, and from this share on.
_ROUNDED_SCORE, _MIN_ROUNDED_PCT = 5.0, 60.0


@dataclass(frozen=True, slots=True)
class ColumnCounts:
    """One column of one document: rows, filled cells, and of its whole numbers above 9, how many there are and end in 0 or 5."""

    rows: int
    filled: int
    numbers: int
    rounded: int


def find_column_anomalies(documents: list[ColumnCounts]) -> list[Anomaly]:
    """Returns what is odd in one column of one unit's documents, which are in the order of their periods, by those before."""
    found = (check(position, documents) for position in range(len(documents)) for check in (_empty, _rounded))
    return [anomaly for anomaly in found if anomaly is not None]


def _empty(position: int, documents: list[ColumnCounts]) -> Anomaly | None:
    one = documents[position]
    others = [other for other in documents[:position] if other.rows >= _MIN_ROWS]
    if one.rows < _MIN_ROWS or one.filled or len(others) < _MIN_DOCUMENTS:
        return None
    shares = [100.0 * other.filled / other.rows for other in others]
    usual = float(np.median(shares))
    if usual < _MIN_FILLED_PCT:
        return None
    return Anomaly(AnomalyKind.EMPTY_COLUMN, 0, position, 0.0, usual, min(shares), max(shares), len(others))


def _rounded(position: int, documents: list[ColumnCounts]) -> Anomaly | None:
    one = documents[position]
    others = [other for other in documents[:position] if other.numbers]
    numbers = sum(other.numbers for other in others)
    if one.numbers < _MIN_NUMBERS or len(others) < _MIN_DOCUMENTS or numbers < _MIN_NUMBERS:
        return None
    # A document more or less of either kind, so that a short history is not taken for certain.
    usual = (sum(other.rounded for other in others) + 1.0) / (numbers + 2.0)
    deviation = np.sqrt(usual * (1.0 - usual) * (1.0 / one.numbers + 1.0 / numbers))
    share = one.rounded / one.numbers
    high = usual + _ROUNDED_SCORE * deviation
    if share <= high or 100.0 * share < _MIN_ROUNDED_PCT:
        return None
    return Anomaly(AnomalyKind.ROUNDED_VALUES, 0, position, 100.0 * share, 100.0 * usual, 0.0, 100.0 * float(high), len(others))
