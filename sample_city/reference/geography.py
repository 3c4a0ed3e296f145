"""The real towns, streets and villages of the city, and the units that report for them."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DIVISIONS_FILE = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds" / "divisions.csv"
CITY_CODE = "4413"
LUZHOU, LUCUN, DONGSHENG = "441302112", "441302112210", "441302112205"
UNITS = ("441302", "441303", "441322", "441323", "441324", "HZ-DYW", "HZ-ZK")
_COMMITTEE = re.compile(r"(村民委员会|村委会|(社区)?居民委员会|(社区)?居委会)\Z")
COUNTY_LABELS = {
    "441302": "惠城区",
    "441303": "惠阳区",
    "441322": "博罗县",
    "441323": "惠东县",
    "441324": "龙门县",
    "HZ-DYW": "大亚湾区",
    "HZ-ZK": "仲恺区",
}


@dataclass(frozen=True, slots=True)
class Village:
    """A village or community with its 12-digit statistical code."""

    code: str
    name: str

    @property
    def label(self) -> str:
        """The short name: 沐化村 for 沐化村民委员会, 东湖社区 for 东湖社区居委会."""
        return _COMMITTEE.sub(lambda match: "村" if match[0].startswith("村") else "社区", self.name)


@dataclass(frozen=True, slots=True)
class Town:
    """A statutory town or street. `unit` is the unit that reports for it: its zone if it has one, else its county."""

    code: str
    name: str
    county_code: str
    unit: str
    villages: tuple[Village, ...]

    @property
    def county_label(self) -> str:
        """The county or zone as the forms print it."""
        return COUNTY_LABELS[self.unit]


@cache
def statutory_towns() -> tuple[Town, ...]:
    """Returns the 71 statutory towns and streets, ordered by code."""
    rows = _read_divisions()
    villages: dict[str, list[Village]] = defaultdict(list)
    for row in rows:
        if row["level"] == "village" and row["is_statutory"] == "1":
            villages[row["parent_code"]].append(Village(row["code"], row["name"]))
    return tuple(
        Town(row["code"], row["name"], row["parent_code"], row["zone_code"] or row["parent_code"], tuple(villages[row["code"]]))
        for row in rows
        if row["level"] == "town" and row["is_statutory"] == "1"
    )


def towns_of(unit: str) -> tuple[Town, ...]:
    """Returns the statutory towns that a unit reports for."""
    return tuple(town for town in statutory_towns() if town.unit == unit)


def unknown_town(town_code: str) -> dict[str, str]:
    """Returns the name and code of a town that does not exist, in the same county as a real one."""
    return {"town_name": "龙湖镇", "town_code": f"{town_code[:6]}199"}


@cache
def unit_names() -> dict[str, str]:
    """Returns the full name of each reporting unit, as printed after 填报单位."""
    names = {row["code"]: row["name"] for row in _read_divisions() if row["code"] in UNITS}
    return {unit: names[unit] for unit in UNITS}


def _read_divisions() -> list[dict[str, str]]:
    with DIVISIONS_FILE.open(encoding="utf-8", newline="") as file:
        return sorted(csv.DictReader(file), key=lambda row: row["code"])
