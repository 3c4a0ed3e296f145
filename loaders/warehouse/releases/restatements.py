"""Values that differ from their last release: why they do, and the words that people attach to them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from loaders.release import ValueKey
from loaders.warehouse.connection import connect, fetch_all, fetch_one
from loaders.warehouse.releases.release_log import CannotBeReleased

_CAUSES = """
    select r.indicator_code, r.area_code, r.period_code, r.causes, r.source_uris, r.changed_rows_count, r.note, r.noted_by
    from bi.restatement as r
    where (r.indicator_code, r.area_code, r.period_code) in (
        select k.indicator, k.area, k.period from unnest(%s::text[], %s::text[], %s::text[]) as k (indicator, area, period)
    )
"""
_IS_RELEASED = """
    select from release.value where indicator_code = %(indicator)s and area_code = %(area)s and period_code = %(period)s limit 1
"""
_ADD_NOTE = """
    insert into release.note (release_number, indicator_code, area_code, period_code, reason, noted_by)
    select max(release_number), %(indicator)s, %(area)s, %(period)s, %(reason)s, %(by)s from release.release
"""


def restatement_causes(transformer_url: str, keys: Collection[ValueKey]) -> dict[ValueKey, dict[str, Any]]:
    """Returns, by value, why it differs: `causes`, `source_uris`, `changed_rows_count`, `note` and `noted_by`."""
    if not keys:
        return {}
    with connect(transformer_url) as connection:
        rows = fetch_all(connection, _CAUSES, [list(column) for column in zip(*keys, strict=True)])
    return {ValueKey(row.pop("indicator_code"), row.pop("area_code"), row.pop("period_code")): row for row in rows}


def add_note(loader_url: str, key: ValueKey, *, reason: str, by: str) -> None:
    """Attaches words to a released value; `bi.restatement` shows them until the next release.

    Raises:
        CannotBeReleased: the value was never released.
    """
    parameters = {"indicator": key.indicator_code, "area": key.area_code, "period": key.period_code, "reason": reason, "by": by}
    with connect(loader_url) as connection:
        if fetch_one(connection, _IS_RELEASED, parameters) is None:
            raise CannotBeReleased(
                f"{key.indicator_code} of {key.area_code} in {key.period_code} was never released: there is nothing to explain"
            )
        connection.execute(_ADD_NOTE, parameters)
