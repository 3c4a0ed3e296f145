"""Values of the period column and of the update column, of whatever type a database gives them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from loaders.period import Period, PeriodKind, parse_datetime, parse_period

NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def period_of(value: Any, kind: PeriodKind | None, zone: ZoneInfo) -> Period:
    """Returns the period that a value names: a day, a text (`2023年6月`) or a number (202306).

    Raises:
        ValueError: it names none of this kind.
    """
    if isinstance(value, dt.date) and kind is not None:
        if isinstance(value, dt.datetime):
            value = value.astimezone(zone).date() if value.tzinfo else value.date()
        return Period.containing(value, kind)
    if isinstance(value, Decimal | float) and value == int(value):
        value = int(value)
    period = parse_period(str(value).strip())
    if not isinstance(period, Period) or kind not in {None, period.kind}:
        raise ValueError(f"expected a {kind}, found {value}")
    return period


def utc_time(value: Any, zone: ZoneInfo) -> dt.datetime:
    """Returns an update time in UTC; one without an offset is in `zone`, and a null or a zero date is the beginning of time.

    Raises:
        ValueError: it is no time.
    """
    if value is None or str(value).startswith("0000-00-00"):
        return NEVER
    time = value if isinstance(value, dt.date) else _parsed(str(value))
    if not isinstance(time, dt.datetime):
        time = dt.datetime.combine(time, dt.time.min)
    # The first and the last year of the calendar have no UTC everywhere.
    if time.year <= NEVER.year:
        return NEVER
    return (time if time.tzinfo else time.replace(tzinfo=zone)).astimezone(dt.UTC)


def _parsed(text: str) -> dt.date:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return parse_datetime(text)
