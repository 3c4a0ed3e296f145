"""The order of precedence: within a scope, the submission with the greatest precedence is current.

The order is written once, as the fields of `Precedence`. Python compares its instances; SQL gets row comparisons and sort
expressions made of the same fields.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple
from zoneinfo import ZoneInfo

_LOCAL_TIMEZONE = ZoneInfo("Asia/Shanghai")


class Precedence(NamedTuple):
    """The values that decide, most important first; the names are columns of `ops.submission`.

    A submission without a period comes before all that have one. `revision_number` is that of the document's revision mark.
    `stamped_on` is the day that the document states; a document that states none counts as of the day of `effective_at`, so that
    any two can be compared, and the order of three never contradicts itself. `effective_at` is the modification time that the
    source showed, corrected by the ledger (`ledger.submissions`); the order of arrival decides between equal times.
    """

    period_end: dt.date
    revision_number: int
    stamped_on: dt.date
    effective_at: dt.datetime
    arrived_at: dt.datetime
    submission_id: int


# The value that stands for a null period is smaller than any period's end.
_NO_PERIOD = dt.date.min
_NULL_SUBSTITUTES = {
    "period_end": "'-infinity'::date",
    "stamped_on": "({alias}.effective_at at time zone 'Asia/Shanghai')::date",
}


def precedence(
    period_end: dt.date | None,
    revision_number: int,
    stamped_on: dt.date | None,
    effective_at: dt.datetime,
    arrived_at: dt.datetime,
    submission_id: int,
) -> Precedence:
    """Builds the precedence of a submission from its columns."""
    stamp = stamped_on or effective_at.astimezone(_LOCAL_TIMEZONE).date()
    return Precedence(period_end or _NO_PERIOD, revision_number, stamp, effective_at, arrived_at, submission_id)


def is_greater(alias: str, other: str) -> str:
    """Returns the SQL condition that one row of `ops.submission` has greater precedence than another, by their aliases."""
    return f"({', '.join(_expressions(alias))}) > ({', '.join(_expressions(other))})"


def lowest_first(alias: str) -> str:
    """Returns the SQL sort expressions (after `order by`) that put the current submission of a scope last."""
    return ", ".join(_expressions(alias))


def highest_first(alias: str) -> str:
    """Returns the SQL sort expressions (after `order by`) that put the current submission of a scope first."""
    return ", ".join(f"{expression} desc" for expression in _expressions(alias))


def _expressions(alias: str) -> list[str]:
    return [_expression(alias, name) for name in Precedence._fields]


def _expression(alias: str, name: str) -> str:
    substitute = _NULL_SUBSTITUTES.get(name)
    return f"coalesce({alias}.{name}, {substitute.format(alias=alias)})" if substitute else f"{alias}.{name}"
