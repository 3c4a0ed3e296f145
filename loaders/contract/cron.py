"""Whether a contract's own schedule is one that a scheduler can keep: a single wrong one would stop the DAGs of all reports."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

# What cron itself knows. Schedulers know more signs (L, #, ?), but not all of them the same.
_FIELD = re.compile(r"[0-9*,/\-]+|[A-Za-z]{3}([,-][A-Za-z]{3})*")
_MAX_CHARS = 100
_PRESETS = frozenset({"@hourly", "@daily", "@weekly", "@monthly", "@quarterly", "@yearly"})
_ANY_DAY = dt.datetime(2024, 1, 1)  # noqa: DTZ001 - a day of the calendar, no moment
_HINT = "write five fields: minute, hour, day of the month, month, day of the week, such as 30 6 * * *"


def cron_errors(text: str) -> Iterator[str]:
    """Why a text is no cron expression, or one that no day of the calendar meets."""
    if text in _PRESETS:
        return
    fields = text.split()
    if len(text) > _MAX_CHARS or len(fields) != 5 or not all(map(_FIELD.fullmatch, fields)):
        yield f'schedule: expected a cron expression, found "{text[:_MAX_CHARS]}"; {_HINT}'
        return
    # The scheduler's own reader; few contracts have a schedule, and the others start without it.
    from croniter import CroniterBadDateError, CroniterError, croniter  # type: ignore[import-untyped]

    try:
        croniter(text, _ANY_DAY).get_next(dt.datetime)
    except CroniterBadDateError:
        yield f'schedule: "{text}" never comes: there is no such day in any year; {_HINT}'
    except (CroniterError, ValueError, KeyError) as error:
        yield f'schedule: "{text}" is no cron expression ({error}); {_HINT}'
