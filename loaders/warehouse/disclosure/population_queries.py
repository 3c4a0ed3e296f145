"""Reads what a sensitive measure counts, and its numbers, as the role of dbt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from loaders.warehouse.connection import Connection, fetch_all, fetch_one

Rows = list[dict[str, Any]]

_HAS_MEASURES = "select to_regclass('indicators.measure') is not null as has_measures"
_SENSITIVE = """
    select m.measure_code as code, m.aggregation, m.is_stock, m.is_ratio, coalesce(m.scale, 1)::float8 as scale,
        m.numerator_code, m.denominator_code
    from indicators.measure as m
    where m.is_sensitive
    order by m.is_ratio, m.measure_code
"""
_CHANGED = """
    select exists (select from evidence.evidence as e where e.indicator_code = %(measure)s and e.since_build > %(build)s)
        or exists (
            select from evidence.superseded_evidence as e where e.until_build > %(build)s and e.indicator_code = %(measure)s
        )
        or exists (
            select from indicators.measure_fingerprint as f where f.measure_code = %(measure)s and f.since_build > %(build)s
        )
        or exists (select from indicators.measure_grid as g where g.measure_code = %(measure)s and g.since_build > %(build)s)
        as is_changed
"""
_AREAS_DIGEST = """
    select md5(string_agg(concat_ws('>', m.area_code, m.series_code, m.valid_from_date, m.valid_until_date), ',' order by
        m.area_code, m.series_code, m.valid_from_date)) as digest
    from core.series_member as m
"""
_MEMBERS = """
    select m.area_code, m.series_code, bool_and(m.is_permanent) and count(*) = 1 as is_permanent
    from core.series_member as m group by m.area_code, m.series_code
"""
# A person counts once, however many rows name it. A row that comes again with the same content is the same row.
_UNIT_TEXT = {
    True: "e.subject_key",
    False: "concat_ws('|', e.subject_key, e.area_code, e.event_date, e.end_date, trim_scale(e.quantity))",
}
_UNIT_KEY = {
    True: f"md5({_UNIT_TEXT[True]})",
    False: f"""
        md5({_UNIT_TEXT[False]})
        || '-' || row_number() over (
            partition by e.subject_key, e.area_code, e.event_date, e.end_date, trim_scale(e.quantity)
        )
    """,
}
# Months are counted from year zero. A stock is there at the ends of the months from `first` to `last`; null: without end.
_UNITS = """
    with units as (
        select {unit_key} as unit_key, e.area_code, e.event_date, e.end_date, e.quantity
        from evidence.evidence as e where e.indicator_code = %(measure)s and ({counts_all} or e.quantity <> 0)
    )
    select distinct u.unit_key, u.area_code as leaf, m.series_code as area,
        (extract(year from u.event_date) * 12 + extract(month from u.event_date) - 1)::integer as first,
        (extract(year from u.event_date) * 12 + extract(month from u.event_date) - 1)::integer as last,
        u.quantity::float8 as amount
    from units as u
    inner join core.series_member as m
        on u.area_code = m.area_code and u.event_date between m.valid_from_date and m.valid_until_date
"""
_PRESENT_UNITS = """
    with units as (
        select {unit_key} as unit_key, e.area_code, e.event_date, e.end_date, e.quantity
        from evidence.evidence as e where e.indicator_code = %(measure)s and ({counts_all} or e.quantity <> 0)
    ),
    stays as (
        select u.unit_key, u.area_code as leaf, m.series_code as area, u.quantity::float8 as amount,
            greatest(u.event_date, m.valid_from_date) as from_date, least(u.end_date, m.valid_until_date + 1) as until_date
        from units as u inner join core.series_member as m on u.area_code = m.area_code
    )
    select distinct unit_key, leaf, area, amount,
        (extract(year from from_date) * 12 + extract(month from from_date) - 1)::integer as first,
        case when isfinite(until_date)
            then (extract(year from until_date) * 12 + extract(month from until_date) - 2)::integer end as last
    from stays where until_date > from_date
"""
_NUMBERS = """
    select v.area_code as area, v.period_code as period, b.basis, b.number::float8 as value, a.area_level_rank as level,
        p.period_kind as kind,
        (extract(year from p.start_date) * 12 + extract(month from p.start_date) - 1)::integer as first,
        (extract(year from p.last_month_date) * 12 + extract(month from p.last_month_date) - 1)::integer as last
    from {table} as v
    inner join core.dim_period as p on p.period_code = v.period_code
    inner join core.area_series as a on a.series_code = v.area_code
    cross join lateral (values ('value', v.value), ('ytd', v.ytd), ('to_date', v.to_date)) as b (basis, number)
    where v.{code} = %(measure)s and {condition}
"""
_MEASURE_NUMBERS = _NUMBERS.format(table="indicators.measure_value", code="measure_code", condition="b.number <> 0")
_RATIO_NUMBERS = _NUMBERS.format(
    table="indicators.indicator_area_period", code="indicator_code", condition="b.number is not null"
)
_VISIBLE_MONTHS = """
    select (extract(year from min(p.start_date)) * 12 + extract(month from min(p.start_date)) - 1)::integer as first,
        (extract(year from max(p.last_month_date)) * 12 + extract(month from max(p.last_month_date)) - 1)::integer as last
    from core.dim_period as p
"""


@dataclass(frozen=True, slots=True)
class SensitiveMeasure:
    """A measure of which only audited numbers are shown; `scale`: base units in one unit of its values."""

    code: str
    aggregation: str
    is_stock: bool
    is_ratio: bool
    scale: float
    numerator_code: str | None
    denominator_code: str | None

    @property
    def is_distinct(self) -> bool:
        """Whether it counts persons, each once."""
        return self.aggregation == "count_distinct"


def sensitive_measures(connection: Connection) -> list[SensitiveMeasure]:
    """Returns the sensitive measures, ratios last; none before the first build."""
    row = fetch_one(connection, _HAS_MEASURES)
    return [SensitiveMeasure(**row) for row in fetch_all(connection, _SENSITIVE)] if row and row["has_measures"] else []


def is_changed(connection: Connection, measure: str, since_build: int) -> bool:
    """Returns whether a number of a measure, or who counts in it, may have changed after a build."""
    row = fetch_one(connection, _CHANGED, {"measure": measure, "build": since_build})
    return bool(row and row["is_changed"])


def areas_digest(connection: Connection) -> str:
    """Returns a digest of which areas belong to which, and when."""
    row = fetch_one(connection, _AREAS_DIGEST)
    return str(row["digest"]) if row else ""


def visible_months(connection: Connection) -> tuple[int, int]:
    """Returns the first and the last month, from year zero, of which there are numbers."""
    row = fetch_one(connection, _VISIBLE_MONTHS)
    return (int(row["first"]), int(row["last"])) if row and row["first"] is not None else (0, -1)


def memberships(connection: Connection) -> Rows:
    """Returns area_code, series_code and is_permanent of each area and series that it is part of at some time."""
    return fetch_all(connection, _MEMBERS)


def unit_rows(connection: Connection, measure: SensitiveMeasure) -> Rows:
    """Returns unit_key, leaf, area, first, last (months from year zero) and amount of each unit and area in which it counts."""
    counts_all = "true" if measure.aggregation != "sum" else "false"
    query = (_PRESENT_UNITS if measure.is_stock else _UNITS).format(
        unit_key=_UNIT_KEY[measure.is_distinct], counts_all=counts_all
    )
    return fetch_all(connection, query, {"measure": measure.code})


def unit_texts(connection: Connection, measure: SensitiveMeasure) -> Iterator[str]:
    """Yields the texts of which the first 32 characters of the keys of a measure's units are the MD5; they hold hashes of people.

    The connection is read to the end before anything else is asked of it.
    """
    query = f"select distinct {_UNIT_TEXT[measure.is_distinct]} as text from evidence.evidence as e where e.indicator_code = %s"  # noqa: S608 - texts of this module
    with connection.cursor(name="unit_texts") as cursor:
        cursor.execute(query, [measure.code])
        for row in cursor:
            if row["text"] is not None:
                yield row["text"]


def numbers(connection: Connection, measure: SensitiveMeasure) -> Rows:
    """Returns area, period, basis, value, level, kind, first and last (months from year zero) of its numbers.

    Zeros are left out, unless it is a ratio.
    """
    return fetch_all(connection, _RATIO_NUMBERS if measure.is_ratio else _MEASURE_NUMBERS, {"measure": measure.code})
