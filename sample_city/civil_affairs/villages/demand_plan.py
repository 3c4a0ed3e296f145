"""The plan of demands of villages and towns, from registration to completion."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sample_city.city import City, Organization
from sample_city.civil_affairs.organizations.good_standing import known_partners, organizations_in_good_standing
from sample_city.civil_affairs.villages.pairing_plan import LUZHOU
from sample_city.reference.geography import Town, Village, statutory_towns
from sample_city.reference.people import Rng, draw_mobiles, draw_names

FIRST_DAY, LAST_DAY = dt.date(2022, 1, 4), dt.date(2023, 12, 20)
_DEMANDS = 260
_IN_LUZHOU = 28
_MATCHED, _GIVEN_UP = 0.68, 0.04
_KINDS = {
    "产业": ("农产品销售渠道建设", "撂荒地复耕复种", "特色种植基地配套"),
    "人才": ("农技人员培训", "残疾人种养技能培训", "乡村工匠带徒"),
    "文化": ("文化广场和农家书屋", "客家山歌传承", "文艺下乡"),
    "生态": ("村内河道清理", "徒步步道和标识", "“四小园”建设"),
    "组织": ("红白理事会规范化", "社区社会组织培育", "村级议事厅"),
    "基础设施": ("村道安全护栏", "路灯亮化", "村道硬底化"),
    "民生服务": ("长者饭堂", "惠民综合服务中心", "儿童之家"),
}
_CHANCES = (0.2, 0.08, 0.12, 0.12, 0.08, 0.22, 0.18)


@dataclass(frozen=True, slots=True)
class Demand:
    """A demand of a village, or of a town if `village` is None. Its contract is signed on `matched`, 30 days before the work."""

    code: str
    town: Town
    village: Village | None
    kind: str
    name: str
    needed_yuan: int
    registered: dt.date
    helper: Organization | None
    matched: dt.date | None
    completed: dt.date | None
    given_up: dt.date | None
    secured_yuan: int
    contact_name: str
    contact_phone: str

    @property
    def requester(self) -> str:
        """The village or town with the demand."""
        return (
            f"{self.town.name}{self.village.label}"
            if self.village
            else f"{self.town.name}人民政府".replace("街道人民政府", "街道办事处")
        )

    def status(self, day: dt.date) -> str:
        """Returns the status on a day."""
        if self.given_up is not None and self.given_up <= day:
            return "终止"
        if self.matched is None or day < self.matched:
            is_talked_of = self.matched is not None and day >= self.matched - dt.timedelta(days=12)
            return "对接中" if is_talked_of else "待对接"
        if self.completed is not None and self.completed <= day:
            return "已完成"
        return "实施中" if day >= self.matched + dt.timedelta(days=30) else "已签约"


def plan_demands(city: City) -> list[Demand]:
    """Plans all demands, in the order of their registration."""
    rng = city.stream("demand_project", "plan")
    helpers = [*known_partners(city), *organizations_in_good_standing(city, "demand")[:60]]
    days = sorted(rng.integers((LAST_DAY - FIRST_DAY).days, size=_DEMANDS).tolist())
    days[:3] = (0, 1, 2)
    in_luzhou = set(rng.choice(_DEMANDS, size=_IN_LUZHOU, replace=False).tolist())
    people = zip(draw_names(rng, _DEMANDS), draw_mobiles(rng, _DEMANDS), strict=True)
    return [
        _demand(rng, number, FIRST_DAY + dt.timedelta(days=day), number in in_luzhou, helpers, person)
        for number, (day, person) in enumerate(zip(days, people, strict=True))
    ]


def _demand(
    rng: Rng, number: int, day: dt.date, is_in_luzhou: bool, helpers: Sequence[Organization], person: tuple[str, str]
) -> Demand:
    town, village = _place(rng, is_in_luzhou)
    kind = str(rng.choice(list(_KINDS), p=_CHANCES))
    needed = int(rng.integers(2, 120)) * 5_000
    matched = day + dt.timedelta(days=int(rng.integers(8, 110))) if rng.random() < _MATCHED else None
    helper = helpers[int(rng.integers(len(helpers)))] if matched else None
    completed = matched + dt.timedelta(days=int(rng.integers(60, 260))) if matched and rng.random() < 0.75 else None
    is_given_up = matched is None and rng.random() < _GIVEN_UP / (1 - _MATCHED)
    return Demand(
        f"XQ{day.year}{number + 1:04d}",
        town,
        village,
        kind,
        f"{village.label if village else town.name}{rng.choice(_KINDS[kind])}",
        needed,
        day,
        helper,
        matched,
        completed,
        day + dt.timedelta(days=150) if is_given_up else None,
        needed * int(rng.integers(50, 101)) // 100 if matched else 0,
        *person,
    )


def _place(rng: Rng, is_in_luzhou: bool) -> tuple[Town, Village | None]:
    towns = statutory_towns()
    drawn = towns[int(rng.integers(len(towns)))]
    town = next(town for town in towns if town.code == LUZHOU) if is_in_luzhou else drawn
    village = town.villages[int(rng.integers(len(town.villages)))]
    return town, village if rng.random() < 0.85 else None
