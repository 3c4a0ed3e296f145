"""The log of drafts and releases. Rows are added and never changed; a release is one transaction."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import fields as fields_of
from typing import Any

from psycopg import sql

from loaders.arrival import ReleaseDecision
from loaders.release import BackingSubmission, Release, ReleasedValue, ValueKey, release_hash
from loaders.warehouse.connection import Connection, PersistentConnection, WarehouseError, fetch_all, fetch_one
from loaders.warehouse.releases.release_decisions import record_release_decision

Rows = list[dict[str, Any]]

_HEADER = tuple(field.name for field in fields_of(Release))
_VALUE_COLUMNS = ("release_number", *(field.name for field in fields_of(ReleasedValue)))
_SUBMISSION_COLUMNS = ("release_number", *(field.name for field in fields_of(BackingSubmission)))
_DRAFTS = """
    select d.draft_id, d.period_code, d.prepared_at, d.values_digest, d.summary, r.release_number,
           case
               when r.release_number is not null then 'published' when t.draft_id is not null then 'returned' else 'open'
           end as state
    from release.draft as d
    left join release.release as r on r.draft_id = d.draft_id
    left join release.returned_draft as t on t.draft_id = d.draft_id
"""
# The newest release that holds a value has its last released state. Until a release (`%(until)s`), if one is named.
_RELEASED_VALUES = """
    select distinct on (indicator_code, area_code, period_code)
        indicator_code, area_code, period_code, value, ytd, to_date, numerator, denominator
    from release.value where %(until)s::integer is null or release_number <= %(until)s
    order by indicator_code, area_code, period_code, release_number desc
"""
_BACKING = """
    select submission_id, report, unit_code, period as period_code, source_uri, sha256
    from ops.submission where state in ('accepted', 'accepted_with_rejects') order by submission_id
"""
_LAST_BUILD = "select max(build_id) as build_id from ops.build where ended_at is not null"

_RETURN = """
    insert into release.returned_draft (draft_id, returned_by, reason, returned_at, decided_in) values (%s, %s, %s, %s, %s)
    returning returned_at
"""
_IS_DECIDED = """
    select from release.release
    where draft_id = %(draft_id)s and decided_at = %(decided_at)s and decided_in = %(decided_in)s
    union all
    select from release.returned_draft
    where draft_id = %(draft_id)s and returned_at = %(decided_at)s and decided_in = %(decided_in)s
"""


class CannotBeReleased(WarehouseError):
    """A draft that cannot be published or returned; the message says why, and the next step."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person decides on. `state` is open, published or returned."""

    draft_id: int
    period_code: str
    prepared_at: dt.datetime
    values_digest: str
    summary: dict[str, Any]
    state: str
    release_number: int | None


class ReleaseLog:
    """The drafts and releases of one warehouse, opened with the loader's URL. Every call is one transaction."""

    def __init__(self, url: str) -> None:
        self._persistent = PersistentConnection(url)

    def add_draft(self, period_code: str, digest: str, summary: dict[str, Any]) -> int:
        """Keeps a draft. Returns its number."""
        statement = "insert into release.draft (period_code, values_digest, summary) values (%s, %s, %s) returning draft_id"
        with self._persistent.transaction() as connection:
            row = fetch_one(connection, statement, [period_code, digest, json.dumps(summary, ensure_ascii=False, default=str)])
        if row is None:
            raise AssertionError("an insert that returns a row returned none")
        return int(row["draft_id"])

    def draft(self, draft_id: int | None) -> Draft:
        """Returns a draft; the newest one without a number.

        Raises:
            CannotBeReleased: there is none.
        """
        with self._persistent.transaction() as connection:
            return _draft(connection, draft_id)

    def drafts(self) -> list[Draft]:
        """Returns all drafts, oldest first."""
        with self._persistent.transaction() as connection:
            return [Draft(**row) for row in fetch_all(connection, f"{_DRAFTS} order by d.draft_id")]

    def is_decided(self, draft_id: int, decided_at: dt.datetime, decided_in: str) -> bool:
        """Whether this very decision is recorded already, as when a task that recorded it is run again."""
        with self._persistent.transaction() as connection:
            parameters = {"draft_id": draft_id, "decided_at": decided_at, "decided_in": decided_in}
            return fetch_one(connection, _IS_DECIDED, parameters) is not None

    @contextmanager
    def returning(
        self, draft_id: int, *, by: str, reason: str, decided_at: dt.datetime, decided_in: str
    ) -> Iterator[ReleaseDecision]:
        """Records that a person returned a draft, around a body that records it elsewhere before it is committed here.

        Raises:
            CannotBeReleased: it is decided already.
        """
        with self._persistent.transaction() as connection:
            _lock(connection)
            draft = _draft(connection, draft_id)
            _refuse_decided(draft)
            row = fetch_one(connection, _RETURN, [draft_id, by, reason, decided_at, decided_in])
            if row is None:
                raise AssertionError("an insert that returns a row returned none")
            decision = ReleaseDecision(
                draft_id, draft.period_code, draft.values_digest, "return", reason, by, at=row["returned_at"]
            )
            record_release_decision(connection, decision)
            yield decision

    def releases(self) -> list[Release]:
        """Returns all releases, oldest first."""
        with self._persistent.transaction() as connection:
            return _releases(connection)

    def stored_hashes(self) -> dict[int, str]:
        """Returns the hash that is stored with each release."""
        with self._persistent.transaction() as connection:
            rows = fetch_all(connection, "select release_number, release_hash from release.release")
        return {row["release_number"]: row["release_hash"] for row in rows}

    def values_of(self, number: int) -> list[ReleasedValue]:
        """Returns the values that a release added or changed."""
        query = sql.SQL("select {} from release.value where release_number = %s").format(_names(_VALUE_COLUMNS[1:]))
        with self._persistent.transaction() as connection:
            return [ReleasedValue(**row) for row in fetch_all(connection, query, [number])]

    def submissions_of(self, number: int) -> list[BackingSubmission]:
        """Returns the submissions behind a release."""
        query = sql.SQL("select {} from release.submission where release_number = %s").format(_names(_SUBMISSION_COLUMNS[1:]))
        with self._persistent.transaction() as connection:
            return [BackingSubmission(**row) for row in fetch_all(connection, query, [number])]

    def released_values(self, until: int | None = None) -> dict[ValueKey, ReleasedValue]:
        """Returns the last released state of every value; as of the release `until`, if it is given."""
        with self._persistent.transaction() as connection:
            rows = fetch_all(connection, _RELEASED_VALUES, {"until": until})
        values = [ReleasedValue(**row) for row in rows]
        return {value.key: value for value in values}

    @contextmanager
    def publishing(self, draft_id: int) -> Iterator[tuple[Draft, Publication]]:
        """Opens the transaction that freezes a draft; it is committed when the body ends, unless it raises.

        Raises:
            CannotBeReleased: the draft is decided already.
        """
        with self._persistent.transaction() as connection:
            _lock(connection)
            draft = _draft(connection, draft_id)
            _refuse_decided(draft)
            yield draft, Publication(connection, draft)


class Publication:
    """One release on its way: what it follows, the build and the submissions behind it, and the insert of all its rows."""

    def __init__(self, connection: Connection, draft: Draft) -> None:
        self._connection = connection
        self._draft = draft
        before = _releases(connection)
        self.number = len(before) + 1
        self.previous_hash = release_hash(before[-1]) if before else ""
        row = fetch_one(connection, _LAST_BUILD)
        self.build_id: int | None = row["build_id"] if row else None
        self.submissions = [BackingSubmission(**row) for row in fetch_all(connection, _BACKING)]

    def freeze(self, release: Release, values: Sequence[ReleasedValue]) -> ReleaseDecision:
        """Inserts the release with its values and submissions. Returns the decision behind it, which is in the ledger now."""
        header = {name: getattr(release, name) for name in _HEADER}
        columns = [*_HEADER, "draft_id", "release_hash"]
        statement = sql.SQL("insert into release.release ({}) values ({})").format(
            _names(columns), sql.SQL(", ").join(map(sql.Placeholder, columns))
        )
        self._connection.execute(statement, {**header, "draft_id": self._draft.draft_id, "release_hash": release_hash(release)})
        number = release.release_number
        self._copy("value", _VALUE_COLUMNS, ((number, *value.key, *value.numbers) for value in values))
        names = _SUBMISSION_COLUMNS[1:]
        self._copy(
            "submission", _SUBMISSION_COLUMNS, ((number, *(getattr(one, name) for name in names)) for one in self.submissions)
        )
        decision = ReleaseDecision(
            self._draft.draft_id,
            release.period_code,
            release.values_digest,
            "publish",
            release.reason,
            release.approved_by,
            release.released_at,
            number,
            release_hash(release),
        )
        record_release_decision(self._connection, decision)
        return decision

    def _copy(self, table: str, columns: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
        statement = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier("release", table), _names(columns))
        with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)


def _names(names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _lock(connection: Connection) -> None:
    """Lets one decision follow another: two releases must not take the same number."""
    connection.execute("select pg_advisory_xact_lock(hashtextextended('huimin.release', 0))")


def _draft(connection: Connection, draft_id: int | None) -> Draft:
    where = "where d.draft_id = %s" if draft_id is not None else "order by d.draft_id desc limit 1"
    row = fetch_one(connection, f"{_DRAFTS} {where}", [draft_id] if draft_id is not None else None)
    if row is None:
        what = "there is no draft" if draft_id is None else f"there is no draft {draft_id}"
        raise CannotBeReleased(f"{what}: huimin release prepare --period PERIOD makes one, huimin release list shows them")
    return Draft(**row)


def _refuse_decided(draft: Draft) -> None:
    if draft.state == "published":
        raise CannotBeReleased(f"draft {draft.draft_id} is published already, as release {draft.release_number}")
    if draft.state == "returned":
        raise CannotBeReleased(f"draft {draft.draft_id} was returned: prepare another one")


def _releases(connection: Connection) -> list[Release]:
    query = sql.SQL("select {} from release.release order by release_number").format(_names(_HEADER))
    return [Release(**row) for row in fetch_all(connection, query)]
