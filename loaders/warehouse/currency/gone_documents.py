"""Records which documents have gone from their source, and which are back.

A full pull lists all documents of a location, also those inside containers. A known document that is missing there is marked as
gone; `withdrawal` decides about its rows, once no document of the report waits to be loaded. One that is back is no longer
marked, and if it was withdrawn it is requeued from its landed bytes.

A pull that misses more than the contract's `gone_limit_pct` of the current documents at once, or finds none at all, is not
trusted, because the folder may not be mounted. It marks nothing, and a notice is sent.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from loaders.contract import Report, WhenGone
from loaders.model import Pull
from loaders.warehouse.connection import Connection, fetch_all
from loaders.warehouse.currency import duplicates
from loaders.warehouse.ledger.submissions import lock_report, requeue
from loaders.warehouse.postgres_limits import sanitize_text
from loaders.warehouse.submission import CURRENT_STATES, GONE_FROM_SOURCE, State

GONE = GONE_FROM_SOURCE
_ALWAYS_WITHIN_LIMIT = 1
_KNOWN_DOCUMENTS = """
    with known as (
        select source_uri, state = any(%(current)s) as is_current from ops.submission where report = %(report)s
        union all
        select source_uri, false as is_current from ops.container where report = %(report)s
    )
    select k.source_uri, bool_or(k.is_current) as is_current, bool_or(g.gone_id is not null) as is_gone
    from known as k
    left join ops.gone_document as g on g.report = %(report)s and g.source_uri = k.source_uri and g.returned_at is null
    where k.source_uri = %(place)s or starts_with(k.source_uri, %(below)s)
    group by k.source_uri
    order by k.source_uri
"""
_INSERT_GONE = """
    insert into ops.gone_document (report, source_uri, pull_id) select %s, unnest(%s::text[]), %s
    on conflict do nothing
"""
_RECORD_RETURN = """
    update ops.gone_document set returned_at = now()
    where report = %s and source_uri = any(%s) and returned_at is null
"""
_RESOLVE = """
    update ops.issue as i set resolved_at = now()
    from ops.submission as s
    where s.submission_id = i.submission_id and i.rule = %s and i.resolved_at is null
      and s.report = %s and s.source_uri = any(%s)
"""
_WITHDRAWN = """
    select distinct on (source_uri, sha256) submission_id, state, state_reason from ops.submission
    where report = %s and source_uri = any(%s)
    order by source_uri, sha256, submission_id desc
"""


@dataclass(frozen=True, slots=True)
class UnconfirmedGone:
    """Documents missing at their source that stay current, because too many are missing at once; `current_count` stay."""

    uris: tuple[str, ...] = ()
    current_count: int = 0


def record_presence(connection: Connection, report: Report, pull_id: int, pull: Pull) -> UnconfirmedGone:
    """Marks documents as gone or as returned, by what a full pull found.

    Returns:
        The missing documents, when they are too many to be trusted; nothing was marked then.
    """
    if pull.present is None:
        return UnconfirmedGone()
    lock_report(connection, report, "register")
    present = frozenset(map(sanitize_text, pull.present))
    known = _known_documents(connection, report, pull.place)
    _restore_returned(connection, report, sorted(uri for uri, (_, is_gone) in known.items() if is_gone and uri in present))
    missing = [uri for uri, (_, is_gone) in known.items() if not is_gone and uri not in present]
    current = [uri for uri, (is_current, is_gone) in known.items() if is_current and not is_gone]
    unconfirmed = UnconfirmedGone(tuple(uri for uri in missing if uri in set(current)), len(current))
    if unconfirmed.uris and (not present or len(unconfirmed.uris) > _gone_limit(report, unconfirmed.current_count)):
        return unconfirmed
    connection.execute(_INSERT_GONE, [report.report, missing, pull_id])
    if report.when_gone is WhenGone.CLOSE:
        duplicates.promote_duplicates_of_gone(connection, report)
    return UnconfirmedGone()


def _known_documents(connection: Connection, report: Report, place: str) -> dict[str, tuple[bool, bool]]:
    """Returns the documents below a location: whether each is current, and whether it is marked as gone."""
    arguments = {"report": report.report, "current": list(CURRENT_STATES), "place": place, "below": f"{place.rstrip('/')}/"}
    return {row["source_uri"]: (row["is_current"], row["is_gone"]) for row in fetch_all(connection, _KNOWN_DOCUMENTS, arguments)}


def _gone_limit(report: Report, current: int) -> float:
    return max(_ALWAYS_WITHIN_LIMIT, current * report.gone_limit_pct / 100)


def _restore_returned(connection: Connection, report: Report, uris: Sequence[str]) -> None:
    """Unmarks documents that are back, and requeues those that were withdrawn."""
    if not uris:
        return
    connection.execute(_RECORD_RETURN, [report.report, uris])
    connection.execute(_RESOLVE, [GONE, report.report, uris])
    for number in _withdrawn(connection, report, uris):
        again = requeue(connection, number)
        if again is not None:
            duplicates.resolve_duplicates(connection, report, again)


def _withdrawn(connection: Connection, report: Report, uris: Collection[str]) -> list[int]:
    rows = fetch_all(connection, _WITHDRAWN, [report.report, list(uris)])
    # What a person withdrew stays withdrawn, wherever its source shows it.
    return sorted(row["submission_id"] for row in rows if (row["state"], row["state_reason"]) == (State.WITHDRAWN, GONE))
