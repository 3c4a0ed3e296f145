"""How long a state of a source is not yet settled, and how its update times are read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from loaders.model import KnownVersion

# A change that was committed late carries an earlier update time, and what it changed may look as before: what changed in the
# last days is pulled again. The ledger takes the same bytes only once.
LOOKBACK = dt.timedelta(days=3)
_LOCAL_TIMEZONE = dt.timezone(dt.timedelta(hours=8))


def is_settled(latest: dt.datetime) -> bool:
    """Whether the newest change is so long ago that nothing older is still to be committed."""
    return latest < dt.datetime.now(dt.UTC) - LOOKBACK


def to_utc(moment: dt.datetime) -> dt.datetime:
    """An update time; one without an offset is of a machine that stands in China."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=_LOCAL_TIMEZONE)).astimezone(dt.UTC)


def not_before_known(moment: dt.datetime, uri: str, known_versions: Collection[KnownVersion]) -> dt.datetime:
    """The time of a state that comes after those seen, though its newest row may be gone and its own time lie before theirs."""
    return max([moment, *(state.modified_at for state in known_versions if state.uri == uri)])
