"""Where the columns of a loaded document stood, for the way back from a figure to its cell."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from loaders.model import FoundTable
from loaders.warehouse.connection import Connection
from loaders.warehouse.postgres_limits import sanitize_json, sanitize_text

_UPSERT = """
    insert into ops.document_table (submission_id, table_number, sheet, first_row, last_row, letters, cells, fields, merged_rows)
    values (%s, %s, %s, %s, %s, %s::jsonb, %s::jsonb, %s::jsonb, %s::jsonb)
    on conflict (submission_id, table_number) do update
    set (sheet, first_row, last_row, letters, cells, fields, merged_rows) = (
        excluded.sheet, excluded.first_row, excluded.last_row, excluded.letters, excluded.cells, excluded.fields,
        excluded.merged_rows
    )
"""


def record_tables(connection: Connection, documents: Iterable[tuple[int, Sequence[FoundTable]]]) -> None:
    """Records the tables that were found in documents, by submission, in the transaction that loads their rows."""
    rows = [_row(number, place, table) for number, tables in documents for place, table in enumerate(tables, start=1)]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_UPSERT, rows)


def _row(submission_id: int, number: int, table: FoundTable) -> list[object]:
    places = (table.letters, table.cells, table.fields, table.merges)
    texts = [sanitize_json(json.dumps(dict(place), ensure_ascii=False)) for place in places]
    return [submission_id, number, sanitize_text(table.sheet), table.first_row, table.last_row, *texts]
