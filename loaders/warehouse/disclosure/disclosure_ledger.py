"""The ledger of disclosures: what was ever shown, and what the audit remembers. Every call is one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from psycopg import sql

from loaders.warehouse.connection import connect, fetch_all, fetch_one
from loaders.warehouse.copy import copy_arrow
from loaders.warehouse.disclosure import population_queries
from loaders.warehouse.disclosure.population_queries import Rows, SensitiveMeasure

_LAST = """
    select build_id, last_month, areas_digest from ops.disclosure_decision
    where measure_code = %s order by build_id desc limit 1
"""
_VALUES = """
    select series_code as area, period_code as period, basis, value::float8 as value, opened_build,
        closed_build is null as is_open
    from ops.disclosed_value where measure_code = %s
"""
_UNITS = """
    select unit_key, footprint, signature, batch, is_late, was_elsewhere, is_sole
    from ops.disclosure_unit where measure_code = %s
"""
_SENSITIVE_SINCE = "select coalesce(max(build_id), 0) as build_id from ops.disclosure_decision where measure_code = %s"
_CLOSE = """
    update ops.disclosed_value as d set closed_build = %(build)s
    from unnest(%(areas)s::text[], %(periods)s::text[], %(bases)s::text[]) as c (area, period, basis)
    where d.measure_code = %(measure)s and d.closed_build is null
      and (d.series_code, d.period_code, d.basis) = (c.area, c.period, c.basis)
"""
_OPEN = """
    insert into ops.disclosed_value (measure_code, series_code, period_code, basis, value, opened_build)
    select %(measure)s, o.area, o.period, o.basis, o.value, %(build)s
    from unnest(%(areas)s::text[], %(periods)s::text[], %(bases)s::text[], %(values)s::float8[]) as o (area, period, basis, value)
"""
_FORGET_UNITS = "delete from ops.disclosure_unit where measure_code = %s"
_DECIDED = """
    insert into ops.disclosure_decision (
        measure_code, build_id, last_month, areas_digest, opened_count, closed_count, hidden_count, is_complete
    )
    values (
        %(measure)s, %(build)s, %(last_month)s, %(areas_digest)s, %(opened)s, %(closed)s, %(hidden)s, %(is_complete)s
    )
    on conflict (measure_code, build_id) do nothing
"""


@dataclass(frozen=True, slots=True)
class LastDecision:
    """The build after which a measure was last decided on, the last month visible then, and which areas it had."""

    build_id: int
    last_month: int | None
    areas_digest: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """A number of a measure: area (a series), period and basis, with its value."""

    area: str
    period: str
    basis: str
    value: float


@dataclass(frozen=True, slots=True)
class RecordedDecision:
    """What a decision changes: numbers shown from its build on, and not any more; `units` in place of those remembered so far."""

    opened: Sequence[Place]
    closed: Sequence[Place]
    hidden_count: int
    last_month: int | None
    areas_digest: str | None
    is_complete: bool
    units: Mapping[str, tuple[str, int, int, bool, bool, bool]] | None


class DisclosureLedger:
    """One warehouse, opened with the loader's URL; `reader_url` may read the tables of dbt."""

    def __init__(self, url: str, reader_url: str) -> None:
        self._url = url
        self._reader_url = reader_url

    def undecided(self) -> list[SensitiveMeasure]:
        """Returns the sensitive measures of which something may have changed since they were decided on; ratios last."""
        with connect(self._reader_url) as reader, connect(self._url) as connection:
            measures = population_queries.sensitive_measures(reader)
            changed = set[str]()
            for measure in measures:
                row = fetch_one(connection, _SENSITIVE_SINCE, [measure.code])
                since = row["build_id"] if row else 0
                looked_at = [measure.code, measure.numerator_code, measure.denominator_code]
                if any(code and population_queries.is_changed(reader, code, since) for code in looked_at):
                    changed.add(measure.code)
        return [measure for measure in measures if measure.code in changed]

    def sensitive_sides(self, ratio: SensitiveMeasure) -> list[SensitiveMeasure]:
        """Returns the numerator and the denominator of a ratio, as far as they are sensitive."""
        with connect(self._reader_url) as reader:
            measures = population_queries.sensitive_measures(reader)
        return [measure for measure in measures if measure.code in {ratio.numerator_code, ratio.denominator_code}]

    def areas_digest(self) -> str:
        """Returns a digest of which areas belong to which, and when."""
        with connect(self._reader_url) as reader:
            return population_queries.areas_digest(reader)

    def visible_months(self) -> tuple[int, int]:
        """Returns the first and the last month, from year zero, of which there are numbers."""
        with connect(self._reader_url) as reader:
            return population_queries.visible_months(reader)

    def memberships(self) -> Rows:
        """Returns area_code, series_code and is_permanent; see `population_queries.memberships`."""
        with connect(self._reader_url) as reader:
            return population_queries.memberships(reader)

    def unit_rows(self, measure: SensitiveMeasure) -> Rows:
        """Returns where the units of a measure count; see `population_queries.unit_rows`."""
        with connect(self._reader_url) as reader:
            return population_queries.unit_rows(reader, measure)

    def numbers(self, measure: SensitiveMeasure) -> Rows:
        """Returns the numbers of a measure that are not zero; see `population_queries.numbers`."""
        with connect(self._reader_url) as reader:
            return population_queries.numbers(reader, measure)

    def last_decision(self, measure: str) -> LastDecision | None:
        """Returns what was last decided about a measure; None before the first decision."""
        with connect(self._url) as connection:
            row = fetch_one(connection, _LAST, [measure])
        return LastDecision(**row) if row else None

    def disclosed_values(self, measure: str) -> Rows:
        """Returns area, period, basis, value, opened_build and is_open of all numbers that were ever shown."""
        with connect(self._url) as connection:
            return fetch_all(connection, _VALUES, [measure])

    def units(self, measure: str) -> Rows:
        """Returns what is remembered of the units of a measure."""
        with connect(self._url) as connection:
            return fetch_all(connection, _UNITS, [measure])

    def record(self, measure: str, build: int, decision: RecordedDecision) -> None:
        """Records a decision: readers see what it opens, and what it closes no more."""
        counts = {"opened": len(decision.opened), "closed": len(decision.closed), "hidden": decision.hidden_count}
        about = {
            "measure": measure,
            "build": build,
            "last_month": decision.last_month,
            "areas_digest": decision.areas_digest,
            "is_complete": decision.is_complete,
        }
        with connect(self._url) as connection:
            connection.execute(_CLOSE, {"measure": measure, "build": build, **_columns(decision.closed)})
            connection.execute(_OPEN, {"measure": measure, "build": build, **_columns(decision.opened)})
            if decision.units is not None:
                connection.execute(_FORGET_UNITS, [measure])
                copy_arrow(connection, sql.Identifier("ops", "disclosure_unit"), _unit_table(measure, decision.units))
            connection.execute(_DECIDED, about | counts)


def _columns(places: Iterable[Place]) -> dict[str, list[Any]]:
    rows = list(places)
    return {
        "areas": [one.area for one in rows],
        "periods": [one.period for one in rows],
        "bases": [one.basis for one in rows],
        "values": [one.value for one in rows],
    }


def _unit_table(measure: str, units: Mapping[str, tuple[str, int, int, bool, bool, bool]]) -> pa.Table:
    names = ("footprint", "signature", "batch", "is_late", "was_elsewhere", "is_sole")
    columns: dict[str, Any] = {"measure_code": [measure] * len(units), "unit_key": list(units)}
    columns |= {name: [unit[place] for unit in units.values()] for place, name in enumerate(names)}
    columns["signature"] = pa.array(np.array(columns["signature"], np.uint64).astype(np.int64))
    columns["batch"] = pa.array(columns["batch"], pa.int64())
    texts = {name: pa.array(columns[name], pa.string()) for name in ("measure_code", "unit_key", "footprint")}
    flags = {name: pa.array(columns[name], pa.bool_()) for name in ("is_late", "was_elsewhere", "is_sole")}
    return pa.table(columns | texts | flags)
