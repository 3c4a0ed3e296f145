"""The states of a submission: Python's table of transitions, the database's check, and what either refuses."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from loaders.warehouse import State
from loaders.warehouse.connection import Connection, connect, fetch_all, fetch_one
from loaders.warehouse.ledger.transitions import INITIAL_STATE, TRANSITIONS, TransitionError, change_state

pytestmark = pytest.mark.integration
_INSERT = """
    insert into ops.submission (
        report, unit_code, revision, source_uri, source_modified_at, sha256, byte_size, state, rows_total, rows_loaded,
        rows_quarantined, rows_furniture
    ) values ('visit', 'A', 1, 'drop:/a.csv', now(), repeat('0', 64), 1, {}, 1, 1, 0, 0)
    returning submission_id
"""


@pytest.fixture
def connection(warehouse_url: str) -> Iterator[Connection]:
    with connect(warehouse_url) as opened:
        yield opened


def insert(connection: Connection, state: State | None) -> int:
    row = fetch_one(connection, sql.SQL(_INSERT).format(sql.DEFAULT if state is None else sql.Literal(state)))
    assert row is not None
    return int(row["submission_id"])


def state_of(connection: Connection, number: int) -> str:
    row = fetch_one(connection, "select state from ops.submission where submission_id = %s", [number])
    assert row is not None
    return str(row["state"])


def test_the_table_and_the_database_allow_the_same_transitions(connection: Connection) -> None:
    query = """
        select o as old, n as new from unnest(%(states)s::text[]) as o cross join unnest(%(states)s::text[]) as n
        where ops.is_allowed_transition(o, n)
    """
    allowed = {(row["old"], row["new"]) for row in fetch_all(connection, query, {"states": list(State)})}
    assert allowed == {(str(old), str(new)) for old, targets in TRANSITIONS.items() for new in targets}


def test_every_state_is_in_the_table_and_in_the_database(connection: Connection) -> None:
    query = "select pg_get_constraintdef(oid) as definition from pg_constraint where conname = 'submission_state_check'"
    row = fetch_one(connection, query)
    assert row is not None
    assert {state for state in State if f"'{state}'" in row["definition"]} == set(State) == set(TRANSITIONS)


@pytest.mark.parametrize(("old", "new"), itertools.product(State, State))
def test_the_module_and_the_trigger_make_allowed_transitions_and_refuse_all_others(
    connection: Connection, old: State, new: State
) -> None:
    number = insert(connection, old)
    statement = "update ops.submission set state = %s where submission_id = %s"
    if new in TRANSITIONS[old]:
        change_state(connection, [number], new, state_reason="a test")
        assert state_of(connection, number) == new
        connection.execute("update ops.submission set rows_loaded = 1 where submission_id = %s", [number])
        return
    with pytest.raises(TransitionError, match=f"cannot become {new}: {number} is {old}"):
        change_state(connection, [number], new)
    with pytest.raises(psycopg.errors.CheckViolation), connection.transaction():
        connection.execute(statement, [new, number])
    assert state_of(connection, number) == old


def test_an_unknown_submission_is_named(connection: Connection) -> None:
    known = insert(connection, None)
    assert state_of(connection, known) == INITIAL_STATE
    with pytest.raises(TransitionError, match="-1 is unknown"):
        change_state(connection, [known, -1], State.REJECTED)
