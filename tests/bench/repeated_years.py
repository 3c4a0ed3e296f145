"""More years of history in a warehouse: the documents and rows of one report, repeated in the years after those that it has."""

from __future__ import annotations

import psycopg

_SUBMISSIONS = """
    insert into ops.submission (
        pull_id, report, unit_code, period, period_start, period_end, revision, source_uri, source_modified_at, sha256, byte_size,
        state, rows_total, rows_loaded, rows_quarantined, rows_furniture, furniture, due_date, is_on_time, loaded_at,
        contract_sha256, arrived_at, effective_at
    )
    select
        pull_id, report, unit_code, to_char(period_start + step, 'YYYY-MM'), (period_start + step)::date,
        (date_trunc('month', period_start + step) + interval '1 month - 1 day')::date, revision,
        source_uri || ' ' || extract(year from step), source_modified_at + step,
        encode(sha256(convert_to(sha256 || extract(year from step), 'UTF8')), 'hex'),
        byte_size, state, rows_total, rows_loaded, rows_quarantined, rows_furniture, furniture, due_date, is_on_time, loaded_at,
        contract_sha256, arrived_at + step, effective_at + step
    from ops.submission cross join (select make_interval(years => %(years)s) as step) as shift
    where report = %(report)s and state in ('accepted', 'accepted_with_rejects')
      and period_start < (select min(period_start) from ops.submission where report = %(report)s) + interval '1 year'
"""
# A key that occurs in the year before occurs in the next one with the year behind it.
_ROWS = """
    insert into raw.{report} ({columns})
    select {values}
    from raw.{report} as r
    inner join ops.submission as former on former.submission_id = r._submission_id
    cross join (select make_interval(years => %(years)s) as step) as shift
    inner join ops.submission as later
        on later.report = former.report and later.source_uri = former.source_uri || ' ' || extract(year from shift.step)
    where r._superseded_at is null
"""
_COLUMNS = """
    select column_name, data_type from information_schema.columns where table_schema = 'raw' and table_name = %s
    order by ordinal_position
"""


def repeat_first_year(url: str, report: str, key: str, years: int, *, since: int = 1) -> int:
    """Repeats the first year of a monthly report in each of some `years`. Returns how many rows came.

    Args:
        url: of the warehouse's owner.
        key: the column of the report by which its rows are told apart.
        since: how many years after the first one the repetition begins.
    """
    count = 0
    with psycopg.connect(url) as connection:
        columns = connection.execute(_COLUMNS, [report]).fetchall()
        for year in range(since, since + years):
            values = [_shifted(str(name), str(kind), key) for name, kind in columns]
            parameters = {"report": report, "years": year}
            connection.execute(_SUBMISSIONS, parameters)
            statement = _ROWS.format(report=report, columns=", ".join(str(name) for name, _ in columns), values=", ".join(values))
            count += connection.execute(statement.encode(), parameters).rowcount
    return count


def _shifted(name: str, kind: str, key: str) -> str:
    if name == "_submission_id":
        return "later.submission_id"
    if name == key:
        return f"r.{name} || '-' || extract(year from shift.step)"
    if name == "_period_end":
        return "later.period_end"
    return f"(r.{name} + shift.step)::date" if kind == "date" else f"r.{name}"
