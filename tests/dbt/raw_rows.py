"""Documents and rows put straight into the ledger and the raw tables, as a load would leave them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import psycopg
from psycopg import sql

from loaders.period import Period

Row = Mapping[str, Any]

_SUBMISSION = """
    insert into ops.submission (
        report, unit_code, period, period_start, period_end, revision, source_uri, source_modified_at, sha256, byte_size, state,
        rows_total, rows_loaded, rows_quarantined, rows_furniture, due_date, is_on_time
    )
    values (%s, %s, %s, %s, %s, 1, %s, now(), %s, 1, 'accepted', %s, %s, 0, 0, %s, true)
    returning submission_id
"""


def load(
    connection: psycopg.Connection[Any], report: str, unit: str, period: str, rows: Sequence[Row], sheet: str = "表1"
) -> int:
    """One accepted document with its rows.

    Returns:
        The number of its submission.
    """
    span = Period.parse(period)
    uri = f"sftp://office/{report}/{period}/{unit}.xlsx"
    mark = hashlib.sha256(f"{uri} {rows}".encode()).hexdigest()
    count = len(rows)
    values = (report, unit, period, span.start, span.end, uri, mark, count, count, span.end)
    found = connection.execute(_SUBMISSION, values).fetchone()
    assert found is not None
    lineage = {
        "_submission_id": found[0],
        "_sheet": sheet,
        "_unit_code": unit,
        "_period_start": span.start,
        "_period_end": span.end,
    }
    _insert(connection, report, ({**row, **lineage, "_row": number} for number, row in enumerate(rows, start=2)))
    return int(found[0])


def supersede(connection: psycopg.Connection[Any], report: str, submission: int) -> None:
    """Close a document's rows, as its correction would."""
    statement = "update raw.{} set _superseded_at = now() where _submission_id = %s"
    connection.execute(sql.SQL(statement).format(sql.Identifier(report)), (submission,))
    connection.execute("update ops.submission set state = 'superseded' where submission_id = %s", (submission,))


def station(code: str, town: str, opened: dt.date, **others: Any) -> Row:
    return {
        "station_code": code,
        "station_name": code,
        "station_type": "镇街社工站",
        "county_name": "县",
        "town_name": "镇",
        "town_code": town,
        "opened_date": opened,
        **others,
    }


def visit(code: str, town: str, day: dt.date, persons: int, mode: str = "入户") -> Row:
    return {
        "visit_code": code,
        "visited_date": day,
        "station_code": "S1",
        "town_name": "镇",
        "town_code": town,
        "worker_code": "W",
        "client_code": "C",
        "visit_persons": persons,
        "mode": mode,
    }


def fund(code: str, town: str, month: str, raised: int, founded: dt.date, **others: Any) -> Row:
    return {
        "period_month": month,
        "fund_code": code,
        "fund_name": code,
        "fund_level": "镇街",
        "county_name": "县",
        "town_name": "镇",
        "town_code": town,
        "host_uscc": "51",
        "founded_date": founded,
        "raised_yuan": raised,
        "raised_cumulative_yuan": raised,
        "spent_yuan": 0,
        **others,
    }


def coverage(quarter: str, town: str, has_federation: bool, has_association: bool) -> Row:
    return {
        "period_quarter": quarter,
        "county_name": "县",
        "town_name": "镇",
        "town_code": town,
        "has_federation": has_federation,
        "has_volunteer_association": has_association,
    }


def _insert(connection: psycopg.Connection[Any], report: str, rows: Iterable[Row]) -> None:
    for row in rows:
        statement = sql.SQL("insert into {} ({}) values ({})").format(
            sql.Identifier("raw", report),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join([sql.Placeholder()] * len(row)),
        )
        connection.execute(statement, list(row.values()))
