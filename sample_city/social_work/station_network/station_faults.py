"""The faults in the registers of stations (SW01)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import KNOWN_CODE, NOT_AFTER_PERIOD, TYPE
from sample_city.faults.fault import Fault, FaultMaker, FaultPlan, FaultSite
from sample_city.faults.standard_faults import standard_fault_at
from sample_city.reference.geography import unknown_town
from sample_city.social_work.station_network.station_plan import Station, station_record

_IMPOSSIBLE_DAY = Fault(fault_kinds.TYPE_FAULT, {"opened_date": "2021年2月30日"}, [("opened_date", TYPE)], in_place=True, at=3)
_DUPLICATE = standard_fault_at(fault_kinds.DUPLICATE_ROW, 4)


def station_fault_plan(stations: Sequence[Station]) -> FaultPlan:
    """Returns the faults by unit and month. A station of the future is one that the plan opens later."""
    future = _future_station(station for station in stations if station.town.unit == "441324")
    return {
        ("441302", "2021-01"): (_unknown_town,),
        ("441322", "2021-02"): (fault_kinds.CONTROL_TOTAL_OFF,),
        ("441323", "2021-02"): (fault_kinds.UNREADABLE,),
        ("441303", "2021-03"): (fault_kinds.MISSING_COLUMN,),
        ("441324", "2021-10"): (future,),
        ("441302", "2021-09"): (fault_kinds.LATE,),
        ("HZ-ZK", "2022-03"): (fault_kinds.MISSING,),
        ("441322", "2022-04"): (_DUPLICATE,),
        ("441303", "2022-07"): (fault_kinds.SAME_FILE_TWICE,),
        ("441324", "2022-08"): (fault_kinds.CORRECTED,),
        ("441323", "2022-11"): (fault_kinds.CONTROL_TOTAL_OFF,),
        ("441302", "2023-02"): (_IMPOSSIBLE_DAY,),
        ("441322", "2023-03"): (fault_kinds.UNREADABLE,),
        ("441323", "2023-12"): (_unknown_town, _DUPLICATE),
    }


def _unknown_town(site: FaultSite) -> Fault:
    town = unknown_town(site.records[0]["town_code"])
    changes = {"station_code": f"SZ{town['town_code']}00", "station_name": f"{town['town_name']}社工站", **town}
    return Fault(fault_kinds.UNKNOWN_TOWN, changes, [("town_name", KNOWN_CODE), ("town_code", KNOWN_CODE)], at=0)


def _future_station(stations: Iterable[Station]) -> FaultMaker:
    """Returns a maker that appends the next station to open."""
    candidates = list(stations)

    def make(site: FaultSite) -> Fault:
        month = site.period
        coming = min((s for s in candidates if s.opened > month.end), key=lambda station: station.opened)
        reasons = [("opened_date", NOT_AFTER_PERIOD)]
        return Fault(fault_kinds.FUTURE_DATE, station_record(coming, month), reasons, at=len(site.records) - 1)

    return make
