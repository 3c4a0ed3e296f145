"""Reads rows of a report that count now, to fill in the next form: those of a unit's last period, or of its register."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from psycopg import sql

from loaders.warehouse.connection import connect, fetch_all

Rows = list[dict[str, Any]]

# Of a register, the documents that are valid on the day; of other reports, the last period that began before it.
_ROWS = """
    select {columns} from raw.{table} as r
    where r._superseded_at is null and (%(unit)s::text is null or r._unit_code = %(unit)s)
      and (
          case when %(is_register)s then exists (
              select from ops.register_span as s
              where s.submission_id = r._submission_id and s.report = %(report)s
                and s.valid_from_date <= %(day)s and (s.valid_until_date is null or s.valid_until_date > %(day)s)
          )
          else r._period_start = (
              select max(p._period_start) from raw.{table} as p
              where p._superseded_at is null and p._period_start < %(day)s
                and (%(unit)s::text is null or p._unit_code = %(unit)s)
          ) end
      )
    order by r._submission_id, r._sheet, r._row
    limit %(most)s
"""
_EXISTS = "select to_regclass(%s) is not null as is_there"


def known_rows(
    url: str, report: str, columns: Sequence[str], *, unit: str | None, day: dt.date, is_register: bool, most: int
) -> Rows:
    """Returns the columns of the current rows, with their contract's names; none before the report was loaded first.

    Args:
        url: the loader's.
        report: its name.
        columns: names of columns that are not personal: of others, only hashes and masks are kept.
        unit: the reporting unit; None for the rows of all units.
        day: the first day of the period that is to be filled in; for a register, the day on which it counts.
        is_register: whether the report is one.
        most: how many rows at most.
    """
    with connect(url) as connection:
        if not fetch_all(connection, _EXISTS, [f"raw.{report}"])[0]["is_there"]:
            return []
        query = sql.SQL(_ROWS).format(
            columns=sql.SQL(", ").join(sql.Identifier("r", name) for name in columns), table=sql.Identifier(report)
        )
        parameters = {"unit": unit, "day": day, "is_register": is_register, "report": report, "most": most}
        return fetch_all(connection, query, parameters)
