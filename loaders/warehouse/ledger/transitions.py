"""The states of a submission: the only module that writes `ops.submission.state`.

    landed ──> accepted <──> accepted_with_rejects      all rows, or only some of them, are loaded
       │          │ ^              │ ^
       │          v │              v │
       │          superseded ────────┘                   a submission of greater precedence is current
       ├──> rejected                                     the document is refused or held; no row is loaded
       └──> duplicate ──> landed                         the same bytes as another document; validated if that one fails or goes

    accepted, accepted_with_rejects, superseded ──> duplicate     an earlier document with the same bytes was loaded
    accepted, accepted_with_rejects, superseded ──> withdrawn     the document has gone from its source

A submission is inserted as `landed` (the column's default). `rejected` and `withdrawn` are final: a document that is validated
once more gets a new submission. A current submission that stays in its state has its counts refreshed; a duplicate that stays one
becomes the duplicate of another document. The trigger `submission_transition` (revision r0009) refuses all other changes, whoever
makes them; a test compares its function with `TRANSITIONS`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from psycopg import sql

from loaders.warehouse.connection import Connection, fetch_all
from loaders.warehouse.submission import State

INITIAL_STATE = State.LANDED
TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.LANDED: frozenset({State.ACCEPTED, State.ACCEPTED_WITH_REJECTS, State.REJECTED, State.DUPLICATE}),
    State.ACCEPTED: frozenset({State.ACCEPTED, State.ACCEPTED_WITH_REJECTS, State.SUPERSEDED, State.DUPLICATE, State.WITHDRAWN}),
    State.ACCEPTED_WITH_REJECTS: frozenset(
        {State.ACCEPTED, State.ACCEPTED_WITH_REJECTS, State.SUPERSEDED, State.DUPLICATE, State.WITHDRAWN}
    ),
    State.SUPERSEDED: frozenset({State.ACCEPTED, State.ACCEPTED_WITH_REJECTS, State.DUPLICATE, State.WITHDRAWN}),
    State.DUPLICATE: frozenset({State.DUPLICATE, State.LANDED}),
    State.REJECTED: frozenset(),
    State.WITHDRAWN: frozenset(),
}


class TransitionError(RuntimeError):
    """A submission is not in a state from which the requested one can be reached: a programming error, never a document's."""


def change_state(connection: Connection, submission_ids: Collection[int], state: State, **columns: object) -> None:
    """Moves submissions into a state and writes other columns of theirs in the same statement.

    Args:
        connection: the caller's transaction.
        submission_ids: the submissions to move.
        state: the state that they get.
        columns: values of further columns of `ops.submission`; a `sql.Composable` is used as an expression.

    Raises:
        TransitionError: one of them does not exist, or its state does not allow this transition.
    """
    assignments = [
        sql.SQL("{} = {}").format(sql.Identifier(name), value if isinstance(value, sql.Composable) else sql.Placeholder(name))
        for name, value in columns.items()
    ]
    statement = sql.SQL(
        """
        update ops.submission set {} where submission_id = any(%(ids)s) and state = any(%(sources)s)
        returning submission_id
        """
    ).format(sql.SQL(", ").join([sql.SQL("state = %(new_state)s"), *assignments]))
    ids = sorted(set(submission_ids))
    values = {name: value for name, value in columns.items() if not isinstance(value, sql.Composable)}
    rows = fetch_all(connection, statement, {**values, "ids": ids, "sources": _sources(state), "new_state": state})
    _refuse_missing(connection, state, ids, rows)


def change_each_state(connection: Connection, state: State, rows: Sequence[Mapping[str, object]], **columns: sql.SQL) -> None:
    """Moves submissions into a state, each with values of its own for further columns, in one statement.

    Args:
        connection: the caller's transaction.
        state: the state that they get.
        rows: per submission its `submission_id` and the further columns, the same in each row, as JSON takes them.
        columns: expressions for columns that all get by.

    Raises:
        TransitionError: one of them does not exist, or its state does not allow this transition.
    """
    if not rows:
        return
    assignments = [
        *(
            sql.SQL("{} = {}").format(sql.Identifier(name), sql.Identifier("n", name))
            for name in rows[0]
            if name != "submission_id"
        ),
        *(sql.SQL("{} = {}").format(sql.Identifier(name), value) for name, value in columns.items()),
    ]
    statement = sql.SQL(
        """
        update ops.submission as s set {}
        from jsonb_populate_recordset(null::ops.submission, %(rows)s::jsonb) as n
        where s.submission_id = n.submission_id and s.state = any(%(sources)s)
        returning s.submission_id
        """
    ).format(sql.SQL(", ").join([sql.SQL("state = %(new_state)s"), *assignments]))
    parameters = {"rows": json.dumps(rows, ensure_ascii=False), "sources": _sources(state), "new_state": state}
    found = fetch_all(connection, statement, parameters)
    _refuse_missing(connection, state, {row["submission_id"] for row in rows}, found)


def _refuse_missing(connection: Connection, state: State, ids: Collection[Any], found: Collection[Mapping[str, Any]]) -> None:
    refused = set(ids) - {row["submission_id"] for row in found}
    if refused:
        raise TransitionError(f"submissions cannot become {state}: {_describe(connection, refused)}")


def _sources(state: State) -> list[State]:
    return [source for source, targets in TRANSITIONS.items() if state in targets]


def _describe(connection: Connection, ids: Collection[int]) -> str:
    found = fetch_all(connection, "select submission_id, state from ops.submission where submission_id = any(%s)", [list(ids)])
    states = {row["submission_id"]: row["state"] for row in found}
    return ", ".join(f"{number} is {states.get(number, 'unknown')}" for number in sorted(ids))
