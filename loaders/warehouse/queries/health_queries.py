"""Whether the warehouse answers, and when something was last loaded and built."""

from __future__ import annotations

from typing import Any

from loaders.warehouse.connection import Connection, fetch_all

_HEALTH = """
    select (select max(loaded_at) from ops.submission) as last_loaded_at,
        (select max(ended_at) from ops.build) as last_built_at
"""


def last_work(connection: Connection) -> dict[str, Any]:
    """Returns `last_loaded_at` and `last_built_at`; null before the first."""
    (row,) = fetch_all(connection, _HEALTH)
    return row
