"""Reads the evidence of a figure: the rows that it is computed from, each with file, sheet, row and cell; as the role of dbt."""

from __future__ import annotations

import datetime as dt
from contextlib import nullcontext
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from loaders.period import Period
from loaders.warehouse.connection import Connection, connect, fetch_all

Rows = list[dict[str, Any]]
MOST_DOCUMENTS = 10
"""How many documents are named of those in which the evidence of a figure stands."""

# A stock counts in a period at whose end it is active; a flow counts in the period in which it happened.
_CONDITION = """
    e.indicator_code = %(indicator)s
    and e.area_code = coalesce(%(area)s, e.city_code)
    and (
        %(end)s::date is null
        or (e.is_stock and e.event_date <= %(end)s and (e.end_date is null or e.end_date > %(end)s))
        or (not e.is_stock and e.event_date between %(start)s and %(end)s)
    )
    and not (%(as_reader)s and e.is_hidden)
"""
# Of all rows, only what costs no look into documents, added up per document first: an indicator has hundreds of thousands of rows
# in some hundred documents. `submissions` are those of the rows that come first.
_TOTALS = f"""
    with documents as materialized (
        select e.submission_id, count(*) as rows_count, sum(e.quantity) as quantity, bool_or(e.is_hidden) as is_hidden
        from indicators.indicator_evidence_row as e where {_CONDITION}
        group by e.submission_id
    ),
    ordered as (
        select submission_id, sum(rows_count) over (order by submission_id nulls first) - rows_count as rows_before from documents
    )
    select coalesce(sum(rows_count), 0)::bigint as rows_count, count(submission_id) as documents_count, sum(quantity) as quantity,
        coalesce(bool_or(is_hidden), false) as is_hidden,
        (
            select array_agg(o.submission_id) from ordered as o where %(most)s::bigint is null or o.rows_before < %(most)s
        ) as submissions,
        (
            select coalesce(jsonb_agg(jsonb_build_array(named.source_uri, named.sha256)), '[]')
            from (
                select s.source_uri, s.sha256 from staging.stg_ops__submission as s
                where s.submission_id in (select d.submission_id from documents as d)
                order by s.source_uri limit {MOST_DOCUMENTS}
            ) as named
        ) as documents
    from documents
"""  # noqa: S608 - the condition is a text of this module
_ROWS = f"""
    select trim_scale(e.quantity) as quantity, e.report, e.unit_code as unit, e.period_code as period,
           e.submission_id as submission, e.file_name as file, e.source_uri as uri, e.sha256, e.sheet, e.row_number as row,
           e.column_name as column, e.column_letter as letter, e.cell, e.field_name as field, e.cell_text as text, e.other_cells,
           e.subject_key as subject, e.stated_basis as basis,
           e.loaded_at, e.pull_number as pull, e.run_name as run, e.is_overridden, e.is_hidden
    from indicators.indicator_evidence as e
    where {_CONDITION}
"""  # noqa: S608 - the condition is a text of this module
_ALL_ROWS = f"{_ROWS} order by e.source_uri, e.sheet, e.row_number"
_FIRST_ROWS = f"""
    {_ROWS} and (e.submission_id = any(%(submissions)s) or e.submission_id is null)
    order by e.submission_id nulls first, e.sheet, e.row_number limit %(most)s
"""
_HIDES = """
    select exists (
        select from indicators.indicator_side as s where s.indicator_code = %(indicator)s and s.is_hidden
    ) as is_hidden
"""


class DateSpan(NamedTuple):
    """The days from the first to the last, as a period has them too."""

    start: dt.date
    end: dt.date


@dataclass(frozen=True, slots=True)
class FigureEvidence:
    """The evidence of a figure: `rows`, which may be the first ones only, and what is true of all of them.

    `documents` are address and SHA-256 of the first MOST_DOCUMENTS. `quantity` adds all up, in base units; None without rows.
    `is_hidden`: BI does not show some of them.
    """

    rows: Rows
    rows_count: int
    documents_count: int
    documents: list[tuple[str, str]]
    quantity: Decimal | None
    is_hidden: bool


def figure_evidence(
    url: str,
    indicator: str,
    *,
    area: str | None = None,
    period_bounds: Period | DateSpan | None = None,
    as_reader: bool = False,
    most: int | None = None,
    connection: Connection | None = None,
) -> FigureEvidence:
    """Returns the evidence of an indicator in an area (by default the city), in a period or to date, each row with its cell.

    `as_reader`: only what BI shows. `most`: only so many rows, in the order in which their documents came. `connection`: an open
    one; on a new one, PostgreSQL plans these views for the first time, which takes as long as the queries.
    """
    parameters = {
        "indicator": indicator,
        "area": area,
        "start": period_bounds.start if period_bounds else None,
        "end": period_bounds.end if period_bounds else None,
        "as_reader": as_reader,
        "most": most,
    }
    with connect(url) if connection is None else nullcontext(connection) as opened:
        (totals,) = fetch_all(opened, _TOTALS, parameters)
        submissions = [number for number in totals.pop("submissions") or () if number is not None]
        query = _ALL_ROWS if most is None else _FIRST_ROWS
        rows = fetch_all(opened, query, parameters | {"submissions": submissions})
    documents = [(uri, sha256) for uri, sha256 in totals.pop("documents")]
    return FigureEvidence(rows=rows, documents=documents, **totals)


def hides_evidence(url: str, indicator: str) -> bool:
    """Returns whether BI leaves out evidence of an indicator, because its small counts would follow from it."""
    with connect(url) as connection:
        return bool(fetch_all(connection, _HIDES, {"indicator": indicator})[0]["is_hidden"])
