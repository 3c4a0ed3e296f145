"""Writes the accepted rows of one submission into the raw table, with their lineage.

When two documents hold a key, and neither replaces the other, it belongs to the one of smaller rank (`Submission.rank`),
whichever arrived first. If that one arrives later, the other's row is closed and quarantined, with an issue on the other. So the
current rows depend on the documents only, not on their order.
"""

from __future__ import annotations

import psycopg
import pyarrow as pa
import pyarrow.compute as pc

from loaders.contract import Replaces, Report
from loaders.identifiers.personal_keys import NO_LAYERS, KeyChain
from loaders.model import ROW, SHEET, TEXTS
from loaders.raw_schema import raw_schema
from loaders.warehouse.connection import Connection, fetch_one
from loaders.warehouse.copy import constant, copy_arrow
from loaders.warehouse.personal_keys.lifted_rows import lift_rows
from loaders.warehouse.postgres_limits import check_limits
from loaders.warehouse.rows.conflicting_rows import ConflictingRow, conflicting_row
from loaders.warehouse.rows.incoming_keys import IncomingKeys
from loaders.warehouse.rows.key_conflicts import quarantine_displaced
from loaders.warehouse.schema.key_index import key_columns, table_of
from loaders.warehouse.submission import Submission, submissions_by_id

_TIME = pa.timestamp("us", "UTC")


def row_schema(report: Report) -> pa.Schema:
    """Returns the schema of accepted rows, with their sheet, row number and the texts that differ from their values."""
    place = (pa.field(SHEET, pa.string()), pa.field(ROW, pa.int32()), pa.field(TEXTS, pa.string()))
    return pa.schema([*raw_schema(report), *place])


def with_lineage(submission: Submission, rows: pa.Table) -> pa.Table:
    """Returns accepted rows with the columns that say where they came from."""
    period, length = submission.period, rows.num_rows
    lineage = {
        "_submission_id": constant(submission.submission_id, pa.int64(), length),
        "_unit_code": constant(submission.unit_code, pa.string(), length),
        "_period_start": constant(period and period.start, pa.date32(), length),
        "_period_end": constant(period and period.end, pa.date32(), length),
    }
    for name, values in lineage.items():
        rows = rows.append_column(name, values)
    return rows


class RowWriter:
    """Appends chunks of one submission to its raw table.

    `closed_by` is the submission that is current instead: then all rows are appended closed. `released_holders` collects the
    submissions that lost current rows to this one, `winners` (where each key is a scope) those that keep theirs. `chain` lifts
    the hashes that validation made; rows that are written again have been lifted.
    """

    def __init__(
        self,
        connection: Connection,
        report: Report,
        submission: Submission,
        closed_by: int | None,
        chain: KeyChain = NO_LAYERS,
    ) -> None:
        self._connection = connection
        self._report = report
        self._submission = submission
        self._closed_by = closed_by
        self._chain = chain
        self._keys = key_columns(report)
        self._schema = row_schema(report)
        self.rows_accepted = 0
        self.rows_conflicting = 0
        self.released_holders: set[int] = set()
        self.winners: set[int] = set()

    def write(self, accepted: pa.Table) -> list[ConflictingRow]:
        """Appends accepted rows.

        Returns:
            Those that did not become current because their key is held; they are in the raw table, closed by their own
            document, and count as quarantined.

        Raises:
            PostgresLimitExceeded: a value would break the encoder or the connection.
        """
        rows = lift_rows(self._report, accepted.select(self._schema.names).cast(self._schema), self._chain)
        self.rows_accepted += rows.num_rows
        if rows.num_rows == 0:
            return []
        check_limits(rows, self._keys)
        if self._closed_by is not None:
            self._append(rows, constant(self._closed_by, pa.int64(), rows.num_rows))
            return []
        # All rows at once first; conflicts are searched only if an insert hits the unique index.
        try:
            with self._connection.transaction():
                self._append(rows, None)
        except psycopg.errors.UniqueViolation:
            closed_by, conflicting = self._resolve_key_conflicts(rows)
            self._append(rows, closed_by)
            self.rows_conflicting += len(conflicting)
            return conflicting
        return []

    def rewrite(self, rows: pa.Table) -> list[ConflictingRow]:
        """Appends rows of which the raw table has an earlier, closed version.

        Returns:
            Those that were not appended, because their key is held.
        """
        if not self._keys:
            self._append(rows, None)
            return []
        closed_by, conflicting = self._resolve_key_conflicts(rows)
        self._append(rows.filter(pc.is_null(closed_by)), None)
        return conflicting

    def _resolve_key_conflicts(self, rows: pa.Table) -> tuple[pa.Array, list[ConflictingRow]]:
        """Closes the current rows that lose their key to these rows; finds the rows that lose, and the winner of each."""
        keys = IncomingKeys(self._connection, self._report, self._submission, rows)
        own = self._submission.submission_id
        key_holders = {position: own if holder is None else holder for position, holder in keys.holders().items()}
        holders = submissions_by_id(self._connection, {*key_holders.values(), own})
        losers = {number for number, holder in holders.items() if self._wins_over(holder)}
        if self._report.replaces is Replaces.KEY:
            keys.close(losers, own)
            self.winners |= set(holders) - losers - {own}
        else:
            displaced = keys.close_and_return(losers)
            quarantine_displaced(self._connection, self._report, self._submission, displaced)
        self.released_holders |= losers
        blocked = {position: holder for position, holder in key_holders.items() if holder not in losers}
        closed_by = [
            self._closed_by_submission(blocked[position]) if position in blocked else None for position in range(rows.num_rows)
        ]
        conflicting = [
            conflicting_row(self._report, self._submission, rows.slice(position, 1).to_pylist()[0], holders[holder])
            for position, holder in sorted(blocked.items())
            if self._closed_by_submission(holder) == own
        ]
        return pa.array(closed_by, pa.int64()), conflicting

    def _wins_over(self, holder: Submission) -> bool:
        if holder.submission_id == self._submission.submission_id:
            return False
        if self._report.replaces is Replaces.KEY:
            return holder.precedence < self._submission.precedence
        return holder.rank(self._report.replaces) > self._submission.rank(self._report.replaces)

    def _closed_by_submission(self, holder: int) -> int:
        """Returns what closes a row that cannot be current: its replacement or, on its way to quarantine, its own submission."""
        return holder if self._report.replaces is Replaces.KEY else self._submission.submission_id

    def _append(self, rows: pa.Table, closed_by: pa.Array | None) -> None:
        rows = with_lineage(self._submission, rows)
        if closed_by is not None:
            row = fetch_one(self._connection, "select now() as now")
            now = pa.scalar(row["now"] if row else None, _TIME)
            closed_at = pc.if_else(pc.is_valid(closed_by), now, pa.scalar(None, _TIME))
            rows = rows.append_column("_superseded_at", closed_at).append_column("_superseded_by", closed_by)
        copy_arrow(self._connection, table_of(self._report), rows)
