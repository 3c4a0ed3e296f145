"""Containers in the ledger: their versions, and which documents each held last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from loaders.arrival import ContainerArrival
from loaders.contract import Report
from loaders.model import RemoteDocument
from loaders.warehouse.connection import Connection, fetch_all, fetch_one
from loaders.warehouse.ledger.pulls import record_known_version
from loaders.warehouse.ledger.submissions import lock_report
from loaders.warehouse.postgres_limits import sanitize_text

_LAST = """
    select sha256, documents, unpacked_by from ops.container
    where report = %s and source_uri = %s and arrived_at <= coalesce(%s::timestamptz, 'infinity')
    order by arrived_at desc, container_id desc limit 1
"""
_INSERT = """
    insert into ops.container (
        pull_id, report, source_uri, source_modified_at, sha256, byte_size, documents, unpacked_by, arrived_at
    ) values (%s, %s, %s, %s, %s, %s, %s, %s, coalesce(%s, clock_timestamp()))
    returning arrived_at
"""
_CONTENTS = """
    select distinct on (source_uri)
        report, source_uri as uri, source_modified_at as modified_at, sha256, byte_size, arrived_at, documents, unpacked_by
    from ops.container where report = %s
    order by source_uri, arrived_at desc, container_id desc
"""
# The size that the source showed is that of the bytes for files; mail servers count otherwise.
_RECORDS = """
    select c.report, c.source_uri as uri, o.byte_size as size, c.source_modified_at as modified_at, c.sha256, c.byte_size,
        c.arrived_at, c.documents, c.unpacked_by, p.cursor_to
    from ops.container as c
    left join ops.pull as p on p.pull_id = c.pull_id
    left join ops.known_version as o
        on o.report = c.report and o.source_uri = c.source_uri and o.source_modified_at = c.source_modified_at
    order by c.arrived_at, c.container_id
"""


def register(
    connection: Connection,
    pull_id: int,
    arrival: ContainerArrival,
    report: Report,
    *,
    is_final: bool = True,
    is_restored: bool = False,
) -> ContainerArrival | None:
    """Writes a container into the ledger. It arrived now, unless it is restored with the arrival that it had.

    Unless `is_final`, its version does not count as known: the next pull brings it again, as long as members need a password.

    Returns:
        What was written; None when its location showed the same last.
    """
    lock_report(connection, report, "register")
    arrival = replace(arrival, uri=sanitize_text(arrival.uri), documents=tuple(map(sanitize_text, arrival.documents)))
    if is_final:
        offered = RemoteDocument(arrival.report, arrival.uri, arrival.modified_at, arrival.size)
        record_known_version(connection, offered)
    restored_at = arrival.arrived_at if is_restored else None
    last = fetch_one(connection, _LAST, [arrival.report, arrival.uri, restored_at])
    if last is not None and (last["sha256"], tuple(last["documents"]), last["unpacked_by"]) == (
        arrival.sha256,
        arrival.documents,
        arrival.unpacked_by,
    ):
        return None
    row = fetch_one(
        connection,
        _INSERT,
        [
            pull_id,
            arrival.report,
            arrival.uri,
            arrival.modified_at,
            arrival.sha256,
            arrival.byte_size,
            list(arrival.documents),
            arrival.unpacked_by,
            restored_at,
        ],
    )
    return replace(arrival, arrived_at=row["arrived_at"]) if row else None


def contents(connection: Connection, report: Report) -> dict[str, ContainerArrival]:
    """Returns the newest version of each container of a report, by its location."""
    rows = fetch_all(connection, _CONTENTS, [report.report])
    return {row["uri"]: ContainerArrival(**row | {"documents": tuple(row["documents"]), "size": None}) for row in rows}


def hashes(connection: Connection, report: Report, uris: Sequence[str]) -> dict[str, list[str]]:
    """Returns the hashes of all versions of some containers, the newest first."""
    query = """
        select source_uri, array_agg(sha256 order by container_id desc) as hashes from ops.container
        where report = %s and source_uri = any(%s) group by source_uri
    """
    return {row["source_uri"]: row["hashes"] for row in fetch_all(connection, query, [report.report, list(uris)])}


def records(connection: Connection) -> list[ContainerArrival]:
    """Returns all versions of all containers, oldest first."""
    return [ContainerArrival(**row | {"documents": tuple(row["documents"])}) for row in fetch_all(connection, _RECORDS)]
