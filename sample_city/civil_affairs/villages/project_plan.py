"""The plan of projects in towns and villages: those of the published account, and similar ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sample_city.city import City
from sample_city.reference.geography import DONGSHENG, LUCUN, LUZHOU, UNITS, Town, Village, statutory_towns
from sample_city.reference.known_organizations import known_organizations
from sample_city.reference.people import Rng
from sample_city.reference.timetable import FULL_SPAN

_OTHERS = 104
_KINDS = ("人居环境整治", "道路护栏", "惠民综合服务中心", "其他")
_KIND_SHARES = (0.66, 0.12, 0.06, 0.16)
_WORKS = {
    "人居环境整治": ("人居环境整治", "“四小园”建设", "垃圾清运和三清三拆", "绿美村道"),
    "道路护栏": ("村道安全护栏",),
    "惠民综合服务中心": ("惠民综合服务中心",),
    "其他": ("文化广场改造", "路灯亮化", "饮水设施改造"),
}
_SCALES = {
    "人居环境整治": ("平方米", 600, 9_000),
    "道路护栏": ("米", 120, 1_500),
    "惠民综合服务中心": ("平方米", 150, 600),
    "其他": ("处", 1, 6),
}


@dataclass(frozen=True, slots=True)
class Project:
    """A project from its registration to its completion."""

    code: str
    name: str
    kind: str
    town: Town
    village: Village | None
    organization: str
    funds_yuan: int
    goods_value_yuan: int | None
    scale: tuple[Decimal, str]
    registered: dt.date
    started: dt.date
    completed: dt.date

    def raised_by(self, day: dt.date) -> Decimal:
        """Returns the funds raised by a day: evenly until half of the works, in steps of a hundred yuan."""
        days = max(1, (self.completed - self.registered).days // 2)
        done = min(Decimal(1), Decimal((day - self.registered).days + 1) / days)
        return Decimal(int(self.funds_yuan * done / 100) * 100) if done < 1 else Decimal(self.funds_yuan)


def plan_projects(city: City) -> list[Project]:
    """Plans all projects of the three years, ordered by reporting unit."""
    drawn = [_drawn(city.stream("village_project", str(number)), number) for number in range(_OTHERS)]
    return sorted([*_known_projects(city), *drawn], key=lambda project: (UNITS.index(project.town.unit), project.code))


def _known_projects(city: City) -> Iterator[Project]:
    """Yields the projects in Luzhou that the published account names."""
    names = {key: organization.name for key, organization in known_organizations().items()}
    town = next(town for town in statutory_towns() if town.code == LUZHOU)
    villages = {village.code: village for village in town.villages}
    center = (city.facts.village_centre_yuan, None, (Decimal(580), "平方米"))
    loop = (320_000, None, (Decimal(city.facts.hiking_loop_km), "公里"))
    projects = (
        (
            "芦村村惠民综合服务中心",
            "惠民综合服务中心",
            LUCUN,
            "charity_federation",
            center,
            ("2022-06-10", "2022-08-15", "2023-05-20"),
        ),
        ("“踏歌寻绿·醉幽芦洲”徒步环线", "徒步环线", None, "hiking", loop, ("2022-09-05", "2022-11-01", "2023-07-28")),
        (
            "东胜村村道安全护栏（一期）",
            "道路护栏",
            DONGSHENG,
            "private_entrepreneurs",
            (0, 86_000, (Decimal(640), "米")),
            ("2022-03-08", "2022-04-12", "2022-06-24"),
        ),
        (
            "东胜村村道安全护栏（二期）",
            "道路护栏",
            DONGSHENG,
            "commerce",
            (30_000, 52_500, (Decimal("0.8"), "公里")),
            ("2023-02-14", "2023-03-20", "2023-06-16"),
        ),
    )
    for number, (name, kind, village, organization, (funds, goods, scale), dates) in enumerate(projects, start=1):
        days = [dt.date.fromisoformat(date) for date in dates]
        place = villages[village] if village else None
        yield Project(f"LZ{days[0].year}{number:03d}", name, kind, town, place, names[organization], funds, goods, scale, *days)


def _drawn(rng: Rng, number: int) -> Project:
    towns = statutory_towns()
    town = towns[int(rng.integers(len(towns)))]
    village = town.villages[int(rng.integers(len(town.villages)))]
    drawn_kind = _KINDS[int(rng.choice(len(_KINDS), p=_KIND_SHARES))]
    # The published account has one center in Lucun, and the railings of Dongsheng: no others may be drawn there.
    kind = _KINDS[0] if village.code in {LUCUN, DONGSHENG} else drawn_kind
    registered = FULL_SPAN.first.start + dt.timedelta(
        days=int(rng.integers((FULL_SPAN.last.end - FULL_SPAN.first.start).days - 30))
    )
    started = registered + dt.timedelta(days=int(rng.integers(10, 75)))
    unit, least, most = _SCALES[kind]
    return Project(
        code=f"XM{registered.year}{number + 1:04d}",
        name=f"{village.label}{_WORKS[kind][number % len(_WORKS[kind])]}项目",
        kind=kind,
        town=town,
        village=village,
        organization=_leader(rng, town),
        funds_yuan=int(rng.integers(20, 900)) * 1_000,
        goods_value_yuan=int(rng.integers(10, 300)) * 100 if rng.random() < 0.4 else None,
        scale=(Decimal(int(rng.integers(least, most))), unit),
        registered=registered,
        started=started,
        completed=started + dt.timedelta(days=int(rng.integers(40, 260))),
    )


def _leader(rng: Rng, town: Town) -> str:
    """Returns an organization of the city, or the town's own federation."""
    organizations = list(known_organizations().values())
    leader = organizations[int(rng.integers(len(organizations)))]
    return leader.name if rng.random() < 0.45 else f"{town.name}社区社会组织联合会"
