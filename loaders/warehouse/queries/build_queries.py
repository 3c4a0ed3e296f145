"""Reads what a build changed, from the versions that dbt keeps; as the role of dbt."""

from __future__ import annotations

from loaders.warehouse.connection import connect, fetch_one

_CHANGES = """
    with builds as (
        select build_id, snapshot, lag(snapshot) over (order by build_id) as previous_snapshot
        from ops.build where ended_at is not null and snapshot is not null
    ),
    last_build as (select * from builds order by build_id desc limit 1)
    select b.build_id as build,
        coalesce((
            select jsonb_agg(distinct t.report) from ops.touched_submission as t
            where b.previous_snapshot is null or (
                t.transaction_id >= pg_snapshot_xmin(b.previous_snapshot)
                and not pg_visible_in_snapshot(t.transaction_id, b.previous_snapshot)
            )
        ), '[]') as reports_touched,
        (select count(*) from evidence.evidence where since_build = b.build_id) as evidence_rows_added,
        (select count(*) from evidence.superseded_evidence where until_build = b.build_id) as evidence_rows_removed,
        (select count(*) from indicators.indicator_area_period where since_build = b.build_id) as values_written,
        (select count(*) from indicators.superseded_value where until_build = b.build_id) as values_superseded
    from last_build as b
"""


def changes_of_last_build(url: str) -> dict[str, int | list[str]]:
    """Returns what the last build that ended well changed; empty before the first."""
    with connect(url) as connection:
        return dict(fetch_one(connection, _CHANGES) or {})
