"""The units that must report, and the spells in which they must: while the unit exists and the report is not retired."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from loaders.contract import Cadence, Report
from loaders.unit_spells import UnitSpells
from loaders.warehouse.connection import Connection

Bounds = tuple[dt.date | None, dt.date | None]
_DELETE_SPELLS = """
    delete from ops.reporting_spell as s
    where s.report = %(report)s and not exists (
        select from unnest(%(units)s::text[], %(first)s::date[], %(last)s::date[]) as w (unit_code, first_day, last_day)
        where w.unit_code = s.unit_code and w.first_day is not distinct from s.valid_from_date
          and w.last_day is not distinct from s.valid_until_date
    )
"""
_INSERT_SPELLS = """
    insert into ops.reporting_spell (report, unit_code, valid_from_date, valid_until_date)
    select %(report)s, w.unit_code, w.first_day, w.last_day
    from unnest(%(units)s::text[], %(first)s::date[], %(last)s::date[]) as w (unit_code, first_day, last_day)
    on conflict do nothing
"""


def save_reporting_units(connection: Connection, report: Report, spells: UnitSpells) -> None:
    """Records the units that must report, with their spells. None is expected for a report without a cadence."""
    units = [] if report.cadence is Cadence.AD_HOC else list(report.units)
    bounds = {unit: list(reporting_spells(report, unit, spells)) for unit in units}
    # A unit that was opened after the report was retired never had to report.
    due = [unit for unit in units if bounds[unit]]
    connection.execute("delete from ops.reporting_unit where report = %s and unit_code <> all(%s)", [report.report, due])
    query = "insert into ops.reporting_unit select %s, unnest(%s::text[]) on conflict do nothing"
    connection.execute(query, [report.report, due])
    listed = [(unit, *pair) for unit in due for pair in bounds[unit] if pair != (None, None)]
    columns = {name: [row[place] for row in listed] for place, name in enumerate(("units", "first", "last"))}
    for statement in (_DELETE_SPELLS, _INSERT_SPELLS):
        connection.execute(statement, {"report": report.report, **columns})


def reporting_spells(report: Report, unit_code: str, spells: UnitSpells) -> Iterator[Bounds]:
    """Yields the first and the last day of each spell in which a unit must send the report; None: no bound."""
    last = None if report.retired is None else report.retired.first_day - dt.timedelta(days=1)
    own: list[Bounds] = [(spell.valid_from, spell.valid_until) for spell in spells.by_unit.get(unit_code, ())]
    for first_day, last_day in own or [(None, None)]:
        end = min((day for day in (last_day, last) if day is not None), default=None)
        if first_day is None or end is None or first_day <= end:
            yield first_day, end
