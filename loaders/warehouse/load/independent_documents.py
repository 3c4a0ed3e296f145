"""Finds the documents of a batch on which no other document bears: they can be loaded together.

A document is independent when no other one of its report has its scope, its bytes or its rows. Then it is current, no document is
its duplicate, and it supersedes, retracts and reinstates nothing: only its rows, issues and counts are to be written. Keys that
other documents hold are found by the unique index.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence

from loaders.contract import Replaces, Report
from loaders.warehouse.connection import Connection, fetch_all
from loaders.warehouse.submission import Submission

_SAME_SCOPE = {
    Replaces.PERIOD: "o.unit_code = s.unit_code and o.period = s.period",
    Replaces.NOTHING: "o.source_uri = s.source_uri",
    # Each key is a scope of its own, which the unique index watches.
    Replaces.KEY: "false",
}
_ALONE_IN_LEDGER = """
    select s.submission_id
    from unnest(%(ids)s::bigint[], %(contents)s::text[]) as c (submission_id, content_sha256)
    inner join ops.submission as s on s.submission_id = c.submission_id
    where not exists (
        select from ops.submission as o
        where o.report = s.report and o.sha256 = s.sha256 and o.submission_id <> s.submission_id
    ) and not exists (
        select from ops.submission as o
        where o.report = s.report and {scope} and o.submission_id <> s.submission_id and o.state <> 'landed'
    ) and not exists (
        select from ops.submission as o
        where o.report = s.report and o.unit_code = s.unit_code and o.period is not distinct from s.period
          and (o.content_sha256 = c.content_sha256 or o.state = 'duplicate') and o.submission_id <> s.submission_id
    )
"""


def independent_documents(
    connection: Connection, report: Report, submissions: Sequence[Submission], contents: Mapping[int, str]
) -> set[int]:
    """Returns the numbers of the independent ones among submissions that are about to be loaded, of a report that is no register.

    `contents` has the content digests of those that were validated as a whole; no other one is independent. Of submissions that
    share something with each other, none is.
    """
    arguments = {"ids": list(contents), "contents": list(contents.values())}
    query = _ALONE_IN_LEDGER.format(scope=_SAME_SCOPE[report.replaces])
    alone = {row["submission_id"] for row in fetch_all(connection, query, arguments)}
    features = {one.submission_id: _features(report, one, contents.get(one.submission_id)) for one in submissions}
    counts = Counter(feature for of_one in features.values() for feature in of_one)
    return {number for number in alone if all(counts[feature] == 1 for feature in features[number])}


def _features(report: Report, submission: Submission, content_sha256: str | None) -> list[Hashable]:
    """Returns what no two independent documents have in common."""
    unit, period = submission.unit_code, str(submission.period)
    scopes: dict[Replaces, list[Hashable]] = {
        Replaces.PERIOD: [("scope", unit, period)],
        Replaces.NOTHING: [("scope", submission.source_uri)],
        Replaces.KEY: [],
    }
    return [*scopes[report.replaces], ("bytes", submission.sha256), ("rows", unit, period, content_sha256)]
