"""Reads what a build has to compute, and what it changed, from what dbt keeps; as the role of dbt."""

from __future__ import annotations

from dataclasses import dataclass

from loaders.warehouse.connection import connect, fetch_all, fetch_one

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
# A document of which no row was loaded touches none, and says all the same what a register lists.
_NEWS = """
    with touched as (
        select report from staging.stg_ops__touched_submission
        union
        select s.report from ops.submission as s
        where s.loaded_at >= (select max(b.started_at) from ops.build as b where b.ended_at is not null)
    )
    select
        (select coalesce(array_agg(report order by report), '{}') from touched) as reports,
        (
            select h.horizon_number > 0 and not exists (
                select from ops.build as b
                where b.build_id > h.horizon_number and b.build_id < (select max(newest.build_id) from ops.build as newest)
            )
            from staging.stg_ops__build_horizon as h
        ) as follows_good_build,
        (select month_date from staging.stg_ops__last_reported_month) is distinct from (
            select max(p.last_month_date) from core.dim_period as p where p.period_kind = 'month'
        ) as has_other_periods
"""


@dataclass(frozen=True, slots=True)
class News:
    """What came since the last build that ended well.

    `reports`: those with touched rows or loaded documents. `has_other_periods`: the last month with documents is another one.
    `follows_good_build`: false where the build before this one failed, which leaves some tables behind, or ran on another server.
    """

    reports: tuple[str, ...]
    has_other_periods: bool
    follows_good_build: bool


def news_since_last_build(url: str) -> News:
    """Returns what the build that was begun has to compute. The views of dbt that it reads must be there."""
    with connect(url) as connection:
        row = fetch_all(connection, _NEWS)[0]
    return News(tuple(row["reports"]), bool(row["has_other_periods"]), bool(row["follows_good_build"]))


def changes_of_last_build(url: str) -> dict[str, int | list[str]]:
    """Returns what the last build that ended well changed; empty before the first."""
    with connect(url) as connection:
        return dict(fetch_one(connection, _CHANGES) or {})
