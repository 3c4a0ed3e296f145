"""The builds of the indicators: what each was made from, and which loads it covers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from loaders.warehouse.connection import Connection, fetch_one
from loaders.warehouse.schema.roles import SCHEMAS_OF, TRANSFORMER


@dataclass(frozen=True, slots=True)
class Build:
    """Fingerprints of what the indicators were built from: the rows, and the models as files and in the database."""

    data_fingerprint: str
    models_fingerprint: str | None


@dataclass(frozen=True, slots=True)
class BuildSources:
    """What a build is made from besides rows: the program's revision, and fingerprints of what figures follow from."""

    git_revision: str
    dictionary_fingerprint: str
    hierarchy_fingerprint: str
    rules_fingerprint: str
    engine_fingerprint: str


@dataclass(frozen=True, slots=True)
class BuiltModel:
    """A model that a build ran: its node of dbt, what became of it, its seconds, and the rows that it wrote; None: not known."""

    model: str
    status: str
    seconds: float
    rows_count: int | None


# Whether the tables and views of dbt are as it left them: by name and kind, by the SQL of views, and by who may read them.
_MODELS_FINGERPRINT = """
    select md5(coalesce(string_agg(
        concat_ws('|', n.nspname, c.relname, c.relkind, c.relacl, case when c.relkind = 'v' then pg_get_viewdef(c.oid) end),
        ';' order by n.nspname, c.relname
    ), '')) as fingerprint
    from pg_class as c
    inner join pg_namespace as n on n.oid = c.relnamespace
    where n.nspname = any(%s) and c.relkind in ('r', 'v')
"""

# Rows that a statement by hand touched are in no document, and count all the same.
_TOUCHED_FINGERPRINT = "select concat_ws(':', count(*), max(transaction_id::text)) as fingerprint from ops.touched_submission"
_LAST = """
    select data_fingerprint, models_fingerprint from ops.build where ended_at is not null order by build_id desc limit 1
"""
# A row that we see is of an ended transaction: one with a number that was not given out yet comes from another server.
_FORGET_FOREIGN = "delete from ops.touched_submission where transaction_id >= pg_snapshot_xmax(pg_current_snapshot())"
_BEGIN = """
    insert into ops.build (
        data_fingerprint, models_fingerprint, is_whole, snapshot, cluster_id,
        git_revision, dictionary_fingerprint, hierarchy_fingerprint, rules_fingerprint, engine_fingerprint
    )
    values (
        %(data_fingerprint)s, %(models_fingerprint)s, %(is_whole)s, pg_current_snapshot(),
        (select system_identifier from pg_control_system()),
        %(git_revision)s, %(dictionary_fingerprint)s, %(hierarchy_fingerprint)s, %(rules_fingerprint)s, %(engine_fingerprint)s
    )
    returning build_id
"""
_MODEL = "insert into ops.built_model (build_id, model, status, seconds, rows_count) values (%s, %s, %s, %s, %s)"
_END = "update ops.build set ended_at = clock_timestamp(), models_fingerprint = %s where build_id = %s"


def models_fingerprint(connection: Connection) -> str:
    """Returns a text that changes when a table or view of dbt is gone, or has another query or other readers."""
    row = fetch_one(connection, _MODELS_FINGERPRINT, [list(SCHEMAS_OF[TRANSFORMER])])
    return str(row["fingerprint"]) if row else ""


def touched_fingerprint(connection: Connection) -> str:
    """Returns a text that changes when rows of a raw table are added, closed, reopened or deleted."""
    row = fetch_one(connection, _TOUCHED_FINGERPRINT)
    return str(row["fingerprint"]) if row else ""


def last_build(connection: Connection) -> Build | None:
    """Returns what the indicators were last built from; None before the first build."""
    row = fetch_one(connection, _LAST)
    return Build(**row) if row else None


def begin_build(connection: Connection, build: Build, sources: BuildSources, *, is_whole: bool) -> int:
    """Records that a build begins, with the transactions that it covers. Returns its number."""
    connection.execute(_FORGET_FOREIGN)
    row = fetch_one(connection, _BEGIN, {**asdict(build), **asdict(sources), "is_whole": is_whole})
    return int(row["build_id"]) if row else 0


def end_build(connection: Connection, build_id: int, models_fingerprint: str | None, models: Sequence[BuiltModel] = ()) -> None:
    """Records that a build ended well, what the models are now, and which of them it ran."""
    connection.execute(_END, [models_fingerprint, build_id])
    with connection.cursor() as cursor:
        cursor.executemany(_MODEL, [(build_id, one.model, one.status, one.seconds, one.rows_count) for one in models])
