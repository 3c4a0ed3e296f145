"""Who looks at a page: a role, and the reporting units whose rows may be shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from loaders.contract import Report
from loaders.divisions import Divisions


class Role(IntEnum):
    """What somebody may do; each role includes those before it.

    `ANYONE` has no account. `UNIT` and `COUNTY` see their own units. `CITY` sees all. `OPERATOR` decides: overrides, releases.
    """

    ANYONE = 0
    UNIT = 1
    COUNTY = 2
    CITY = 3
    OPERATOR = 4


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who looks at a page. `units` are the codes of reporting units that may be shown; None: all."""

    name: str
    role: Role
    units: frozenset[str] | None = frozenset()

    @property
    def unit_codes(self) -> list[str] | None:
        """The units as a parameter of a query: null means all."""
        return None if self.units is None else sorted(self.units)

    def sees(self, unit: str) -> bool:
        """Whether rows of a reporting unit may be shown."""
        return self.units is None or unit in self.units


ANYONE = Viewer("", Role.ANYONE)
"""Whoever has no account, or has not logged in."""


def units_within(codes: Iterable[str], reports: Mapping[str, Report], divisions: Divisions) -> frozenset[str]:
    """Returns the reporting units of some codes: the codes, and the units of contracts that lie within their divisions."""
    wanted = frozenset(codes)
    named = {unit for report in reports.values() for unit in report.units}
    return wanted | {unit for unit in named if wanted & _containing(unit, divisions)}


def _containing(unit: str, divisions: Divisions) -> set[str]:
    """The codes of the divisions that a unit lies in: its county, its zone, and what these lie in."""
    found: set[str] = set()
    waiting = [unit]
    while waiting:
        division = divisions.by_code.get(waiting.pop())
        if division is None:
            continue
        more = {division.code, division.parent_code, division.zone_code or ""} - found - {""}
        found |= more
        waiting += more - {division.code}
    return found
