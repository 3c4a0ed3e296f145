"""Update times of sources: how they are parsed, and how long a state is not final."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from loaders.model import KnownVersion

# A change that was committed late carries an earlier update time, and what it changed may look as before: what changed in the
# last days is pulled again. The ledger takes the same bytes only once.
LOOKBACK = dt.timedelta(days=3)
_LOCAL_TIMEZONE = dt.timezone(dt.timedelta(hours=8))


def is_settled(latest: dt.datetime) -> bool:
    """Returns whether the newest change is so old that no earlier one is still to be committed."""
    return latest < dt.datetime.now(dt.UTC) - LOOKBACK


def to_utc(time: dt.datetime) -> dt.datetime:
    """Returns an update time in UTC; one without an offset is in China's time zone."""
    return (time if time.tzinfo else time.replace(tzinfo=_LOCAL_TIMEZONE)).astimezone(dt.UTC)


def not_before_known(time: dt.datetime, uri: str, known_versions: Collection[KnownVersion]) -> dt.datetime:
    """Returns the time of a state that follows the known ones, even if its newest row is gone and its own time is earlier."""
    return max([time, *(state.modified_at for state in known_versions if state.uri == uri)])
