"""Reads the values that BI sees now, as the transformer role."""

from __future__ import annotations

from collections.abc import Collection

from loaders.release import ReleasedValue
from loaders.warehouse.connection import connect, fetch_all

_PERIODS = "select distinct period_code from bi.indicator_value"
_VALUES = """
    select indicator_code, area_code, period_code, value, ytd, to_date, numerator, denominator
    from bi.indicator_value where period_code = any(%s)
"""


def period_codes(url: str) -> list[str]:
    """Returns the codes of all periods that have values."""
    with connect(url) as connection:
        return [row["period_code"] for row in fetch_all(connection, _PERIODS)]


def current_values(url: str, periods: Collection[str]) -> list[ReleasedValue]:
    """Returns all values of some periods, as BI sees them: small counts are hidden."""
    with connect(url) as connection:
        return [ReleasedValue(**row) for row in fetch_all(connection, _VALUES, [list(periods)])]
