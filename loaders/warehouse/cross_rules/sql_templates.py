"""The queries of rules between reports, with places for the names and conditions that a rule puts in."""

from __future__ import annotations

# The document of the other report that is told of what it lacks: of the same unit if there is one, then the latest.
HEAD = """
    cross join lateral (
        select s.submission_id from ops.submission as s
        where s.report = {report} and s.state in ('accepted', 'accepted_with_rejects') and {in_period}
        order by s.unit_code = {unit} desc, s.period_end desc nulls last, s.effective_at desc, s.arrived_at desc,
            s.submission_id desc
        limit 1
    ) as h
"""
MISSING = """
    with {heard}
    select {place}, {found} as found, null::text[] as expected
    from {own} as o
    where {judged} and {heard_of}
      and not exists (select from {other} as r where r._superseded_at is null and {same} and {alive})
"""
MISSED = """
    with {heard},
    missing as (
        select {found} as found, min(o._unit_code) as unit_code
        from {own} as o
        where {judged} and {heard_of}
          and not exists (select from {other} as r where r._superseded_at is null and {same} and {alive})
        group by 1
    )
    select h.submission_id, null as sheet, null::integer as row, m.found as record, m.found, null::text[] as expected
    from missing as m {head}
"""
LATEST = """
    with {heard},
    latest as (
        select distinct on ({keys})
            {keys}, r._submission_id, r._sheet, r._row, {value} as _value, {shown} as _shown, {record} as _record
        from {other} as r
        where r._superseded_at is null and {value} is not null
        order by {keys}, r._period_start desc nulls last, r._unit_code, r._sheet, r._row, {value}
    )
"""
DISAGREES = """
    {latest}
    select {place}, {found} as found, array[r._shown] as expected
    {differing}
"""
DISAGREED = """
    {latest}
    select distinct on (r._submission_id, r._sheet, r._row)
        r._submission_id as submission_id, r._sheet as sheet, r._row as row, r._record as record, array[r._shown] as found,
        {found} as expected
    {differing}
    order by r._submission_id, r._sheet, r._row, {found}
"""
DIFFERING = """
    from {own} as o
    inner join latest as r on {same}
    where {judged} and {heard_of} and {differs}
      and not exists (select from {other} as a where a._superseded_at is null and {same_there} and {agrees_there})
"""
# Where both have periods of one length, equality is the faster way to say it.
SAME_PERIOD = "(r._period_start, r._period_end) = (o._period_start, o._period_end)"
WITHIN_PERIOD = "r._period_start >= o._period_start and r._period_end <= o._period_end"
TOTALS = """
    with parts as materialized (
        select {keys}, r._unit_code, r._period_start, r._period_end, {amount} as _amount
        from {other} as r where r._superseded_at is null group by {keys}, r._unit_code, r._period_start, r._period_end
    ),
    heard as materialized (select distinct _unit_code, _period_start, _period_end from parts),
    totals as (
        select o._submission_id, o._sheet, o._row, sum(r._amount) as _amount
        from {own} as o
        inner join parts as r on {same} and {in_period}
        where o._superseded_at is null
        group by o._submission_id, o._sheet, o._row
    ),
    differing as (
        select {place}, {found} as own, array[coalesce(t._amount, 0)::text] as other, {by} as keys,
            o._unit_code as unit_code, o._period_start as first_day, o._period_end as last_day
        from {own} as o
        left join totals as t on (t._submission_id, t._sheet, t._row) = (o._submission_id, o._sheet, o._row)
        where {judged} and {heard_of}
          and abs({total} - coalesce(t._amount, 0)) > {tolerance} * greatest(abs({total}), abs(coalesce(t._amount, 0)))
    )
"""
TOTAL_IS_WRONG = "select submission_id, sheet, row, record, own as found, other as expected from differing"
PARTS_ARE_WRONG = """
    select h.submission_id, null as sheet, null::integer as row, m.keys as record, m.other as found, m.own as expected
    from differing as m {head}
"""
FALLS = """
    select {place}, {found} as found, array[o._before::text, to_char(o._before_start, 'YYYY-MM')] as expected
    from (
        select o.*, lag({column}) over by_period as _before, lag(o._period_start) over by_period as _before_start
        from {own} as o where {judged}
        window by_period as (partition by {keys} order by o._period_start, o._unit_code, o._sheet, o._row)
    ) as o
    where {column} < o._before
"""
