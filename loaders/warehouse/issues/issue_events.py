"""The life of issues: what changes by itself is found by comparing the ledger with the events, and added as events.

`sync_issue_events` runs at the end of each transaction that changes what counts: a load, a decision of a person, a check between
reports. So an event tells what the transaction came to, never a state in between, and running it twice adds nothing.

Only issues that the transaction may have opened or closed are compared. Triggers (revision r0035) record each submission whose
state or whose issues changed; with it go those that it may supersede or be superseded by. What a transaction that forgot to
compare left behind is compared by the next one.

An issue is open while a document that counts shows it and it is not resolved. A document counts while it is accepted, or refused
and no later document of its scope was accepted; of its validations only the last one counts.
"""

from __future__ import annotations

from collections.abc import Sequence

from loaders.contract import Replaces, Report
from loaders.period import local_today
from loaders.warehouse.connection import Connection, fetch_all, fetch_one
from loaders.warehouse.precedence import is_greater

_ONE_DOCUMENT = frozenset({Replaces.PERIOD, Replaces.REGISTER})
# A condition on `s`. What takes the place of a refused document is a later one of its unit and period or, where documents do not
# replace each other, a later version at the same location.
COUNTING = f"""
    s.state in ('accepted', 'accepted_with_rejects', 'rejected')
    and not exists (
        select from ops.submission as again
        where again.report = s.report and again.source_uri = s.source_uri and again.sha256 = s.sha256
          and again.submission_id > s.submission_id and again.state <> 'landed'
    )
    and not exists (
        select from ops.submission as l
        where l.report = s.report and l.unit_code = s.unit_code and l.period is not distinct from s.period
          and (l.source_uri = s.source_uri or s.report = any(%(one_document)s))
          and l.state in ('accepted', 'accepted_with_rejects', 'superseded')
          and {is_greater("l", "s")}
    )
"""  # noqa: S608 - the condition is a text of this package
LIFE_EVENTS = "('opened', 'corrected', 'overridden', 'replayed', 'reopened', 'expired')"
"""The events that open or end an issue, in SQL; the others say who knows of it."""

_IS_COMPARED = "select is_one_document from ops.issue_comparison where report = %s"
_SET_COMPARED = """
    insert into ops.issue_comparison (report, is_one_document) values (%s, %s)
    on conflict (report) do update set is_one_document = excluded.is_one_document
"""
# What another transaction takes meanwhile, that one compares.
_TAKE = """
    delete from ops.uncompared_submission where ctid = any(array(
        select u.ctid from ops.uncompared_submission as u
        inner join ops.submission as s on s.submission_id = u.submission_id
        where s.report = %s for update of u skip locked
    ))
    returning submission_id
"""
_ALL = "select distinct submission_id from ops.issue where report = %s"
# `reached` are the documents whose counting the touched ones decide: those of the same location, and those of the same unit and
# period where one takes the place of the other.
_SYNC = f"""
    with touched as materialized (
        select distinct t.report, t.unit_code, t.period, t.source_uri, t.submission_id
        from ops.submission as t where t.submission_id = any(%(touched)s)
    ),
    reached as materialized (
        select submission_id from touched
        union
        select s.submission_id from (select distinct report, source_uri from touched) as t
        inner join ops.submission as s on s.source_uri = t.source_uri and s.report = t.report
        union
        select s.submission_id from (select distinct report, unit_code, period from touched) as t
        inner join ops.submission as s
            on s.report = t.report and s.unit_code = t.unit_code and s.period is not distinct from t.period
        where t.report = any(%(one_document)s)
    ),
    keys as materialized (
        select distinct i.issue_key from ops.issue as i where i.submission_id in (select submission_id from reached)
    ),
    counting as materialized (
        select s.submission_id from ops.submission as s
        where s.submission_id in (
            select i.submission_id from ops.issue as i where i.issue_key in (select issue_key from keys)
        ) and {COUNTING}
    ),
    shown as (
        select i.issue_key,
            coalesce(max(i.submission_id) filter (where d.state <> 'withdrawn'), max(i.submission_id)) as last_id,
            bool_or(c.submission_id is not null) as is_shown,
            coalesce(bool_or(c.submission_id is not null and i.resolved_at is null), false) as is_open,
            max(i.submission_id) filter (where c.submission_id is not null and i.resolved_at is null) as open_id
        from ops.issue as i
        inner join ops.submission as d on d.submission_id = i.submission_id
        left join counting as c on c.submission_id = i.submission_id
        where i.issue_key in (select issue_key from keys)
        group by i.issue_key
    ),
    life as (
        select distinct on (issue_key) issue_key, event from ops.issue_event
        where issue_key in (select issue_key from keys) and event in {LIFE_EVENTS}
        order by issue_key, event_id desc
    ),
    found as (
        select s.*,
            case
                when l.event is null and s.is_open then 'opened'
                when l.event in ('corrected', 'overridden', 'replayed', 'expired') and s.is_open then 'reopened'
                when l.event in ('opened', 'reopened') and not s.is_open then 'closed'
                when l.event = 'overridden' and not s.is_shown then 'closed'
            end as change
        from shown as s
        left join life as l on l.issue_key = s.issue_key
    ),
    changed as (
        select f.issue_key, f.last_id, f.open_id, f.change, d.state, d.superseded_by, d.duplicate_of,
            (
                select max(a.submission_id) from ops.submission as a
                where a.report = d.report and a.source_uri = d.source_uri and a.sha256 = d.sha256
                  and a.submission_id > d.submission_id and a.state not in ('landed', 'withdrawn')
            ) as again_id,
            (
                select l.submission_id from ops.submission as l
                where l.report = d.report and l.unit_code = d.unit_code and l.period is not distinct from d.period
                  and (l.source_uri = d.source_uri or d.report = any(%(one_document)s))
                  and l.state in ('accepted', 'accepted_with_rejects', 'superseded') and {is_greater("l", "d")}
                order by l.submission_id desc limit 1
            ) as later_id
        from found as f
        inner join ops.submission as d on d.submission_id = f.last_id
        where f.change is not null
    )
    insert into ops.issue_event (issue_key, report, event, owner_role, submission_id)
    select issue_key, %(report)s,
        case
            when change <> 'closed' then change
            when again_id is not null then 'replayed'
            when state = 'withdrawn' then 'expired'
            else 'corrected'
        end,
        case when change <> 'closed' then %(owner_role)s end,
        case when change = 'closed' then coalesce(again_id, later_id, superseded_by, duplicate_of) else open_id end
    from changed
    order by last_id, issue_key
"""  # noqa: S608 - the conditions are texts of this package
_NOTIFIED = """
    insert into ops.issue_event (issue_key, report, event, owner_role, notification_id)
    select k.issue_key, i.report, 'notified', m.recipient_role, m.notification_id
    from unnest(%s::text[]) as k (issue_key)
    inner join ops.notification as m on m.notification_id = %s
    cross join lateral (select report from ops.issue where issue_key = k.issue_key limit 1) as i
    order by k.issue_key
"""


def one_document_reports(reports: Sequence[Report]) -> list[str]:
    """Returns the names of those reports whose later document of a unit and period takes the place of the earlier one."""
    return [report.report for report in reports if report.replaces in _ONE_DOCUMENT]


def sync_issue_events(connection: Connection, report: Report) -> int:
    """Adds the events that the caller's transaction caused to issues of a report. Returns their number."""
    touched = _take_touched(connection, report)
    if not touched:
        return 0
    values = {
        "report": report.report,
        "touched": touched,
        "one_document": one_document_reports([report]),
        "owner_role": report.owner_on(local_today()).role.zh,
    }
    return connection.execute(_SYNC, values).rowcount


def _take_touched(connection: Connection, report: Report) -> list[int]:
    """Takes the submissions whose issues are to be compared: all of a report that never was, or whose contract counts anew."""
    is_one_document = report.replaces in _ONE_DOCUMENT
    touched = [row["submission_id"] for row in fetch_all(connection, _TAKE, [report.report])]
    compared = fetch_one(connection, _IS_COMPARED, [report.report])
    if compared is not None and compared["is_one_document"] is is_one_document:
        return touched
    connection.execute(_SET_COMPARED, [report.report, is_one_document])
    return touched + [row["submission_id"] for row in fetch_all(connection, _ALL, [report.report])]


def record_notified(connection: Connection, notification_id: int, issue_keys: Sequence[str]) -> None:
    """Adds to each issue that its owner was notified of it."""
    connection.execute(_NOTIFIED, [list(dict.fromkeys(issue_keys)), notification_id])
