"""Reads what the person who decides on a release must know: who has not reported, what is refused or wrong, what disagrees."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from loaders.warehouse.connection import connect, fetch_all

Rows = list[dict[str, Any]]

_RATES = """
    select report, period, expected_units_count as expected, received_units_count as received, accepted_units_count as accepted,
           reporting_rate_pct::float as rate_pct
    from ops.reporting_rate where period_start between %(start)s and %(end)s
    order by report, period_start
"""
# All that did not come: a release does not wait for the due day of what it lacks.
_MISSING = """
    select report, period, array_agg(unit_code order by unit_code) as units
    from ops.reporting_status
    where is_expected and not is_received and period_start between %(start)s and %(end)s
    group by report, period, period_start order by report, period_start
"""
# A document that is refused and that no later one of its unit and period replaced.
_REFUSALS = """
    select s.submission_id, s.report, s.unit_code as unit, s.period, s.source_uri as file, s.state_reason as reason
    from ops.submission as s
    where s.state = 'rejected' and (s.period_start is null or s.period_start <= %(end)s)
      and not exists (
          select from ops.submission as later
          where later.report = s.report and later.unit_code = s.unit_code and later.period is not distinct from s.period
            and later.state in ('accepted', 'accepted_with_rejects')
      )
    order by s.report, s.unit_code, s.period, s.submission_id
"""
_ERRORS = """
    select i.report, count(*) as errors
    from ops.issue as i
    inner join ops.submission as s on s.submission_id = i.submission_id
    where i.severity = 'error' and i.resolved_at is null and s.state in ('accepted', 'accepted_with_rejects')
      and (s.period_start is null or s.period_start <= %(end)s)
    group by i.report order by i.report
"""
_CONTRACTS = """
    select report, contract_sha256, count(*) as documents, min(submission_id) as first_submission
    from ops.submission where state in ('accepted', 'accepted_with_rejects') group by report, contract_sha256 order by report
"""
_OUTSIDE = """
    select indicator_code as indicator, name_zh, period_code as period, trim_scale(value)::text as ours, published, qualifier,
           verdict
    from bi.published_comparison where verdict not in ('inside', 'hidden') and period_code = any(%s) order by indicator_code
"""
_TARGETS = """
    select indicator_code as indicator, name_zh, area_code as area, area_name, trim_scale(target)::text as target,
           trim_scale(round(progress_pct, 1))::text as progress_pct, coalesce(is_reached, false) as is_reached
    from bi.programme_scoreboard where period_code = %s and target is not null
    order by indicator_code, area_code
"""
# Against the documents behind the last release: what came or went of periods that are published already.
_CHANGED_DOCUMENTS = """
    with released as (
        select report, unit_code, period_code as period, source_uri, sha256
        from release.submission where release_number = (select max(release_number) from release.release)
    ),
    present as (
        select report, unit_code, period, source_uri, sha256, period_start
        from ops.submission where state in ('accepted', 'accepted_with_rejects')
    )
    select report, unit_code as unit, period, source_uri as file, change
    from (
        select p.report, p.unit_code, p.period, p.source_uri, 'added' as change
        from present as p
        where (p.period_start is null or p.period_start <= %(until)s)
          and not exists (
              select from released as r
              where r.report = p.report and r.unit_code = p.unit_code and r.period is not distinct from p.period
                and r.sha256 = p.sha256
          )
        union all
        select r.report, r.unit_code, r.period, r.source_uri, 'removed'
        from released as r
        where not exists (
            select from present as p
            where p.report = r.report and p.unit_code = r.unit_code and p.period is not distinct from r.period
              and p.sha256 = r.sha256
        )
    ) as changed
    order by report, unit, period, change, file
"""


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """`rates` and `missing` are of the released period, `refusals` and `errors` of everything up to its end.

    `contracts` tells by which contract the current documents of each report were validated. `outside` are published figures with
    which ours do not agree. `targets` are those of the released month, all areas. `changed_documents` came or went since the last
    release, of periods that are published; there are none before the first.
    """

    rates: Rows
    missing: Rows
    refusals: Rows
    errors: Rows
    contracts: Rows
    outside: Rows
    targets: Rows
    changed_documents: Rows


def draft_facts(
    loader_url: str,
    transformer_url: str,
    *,
    start: dt.date,
    end: dt.date,
    periods: list[str],
    month: str,
    published_until: dt.date | None,
) -> DraftFacts:
    """Reads the facts about a release of the period from `start` to `end`, whose values are of `periods`.

    `published_until` is the last day of the periods that are published; None before the first release.
    """
    span = {"start": start, "end": end}
    with connect(loader_url) as connection:
        rates, missing, refusals, errors = (
            fetch_all(connection, query, span) for query in (_RATES, _MISSING, _REFUSALS, _ERRORS)
        )
        contracts = fetch_all(connection, _CONTRACTS)
        changed = fetch_all(connection, _CHANGED_DOCUMENTS, {"until": published_until}) if published_until else []
    with connect(transformer_url) as connection:
        outside = fetch_all(connection, _OUTSIDE, [periods])
        targets = fetch_all(connection, _TARGETS, [month])
    return DraftFacts(rates, missing, refusals, errors, contracts, outside, targets, changed)
