"""The plan of all community organizations: federations as hubs, councils, helpers and dance groups."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sample_city.city import City
from sample_city.civil_affairs.organizations.town_coverage import plan_founding_dates
from sample_city.reference.geography import Town, Village, statutory_towns
from sample_city.reference.people import Rng, draw_mobiles, draw_names, make_uscc
from sample_city.reference.timetable import FULL_SPAN, day_weights

WEDDING_COUNCIL = "红白理事会"
# Kind, category, share of the villages that have one.
_KINDS = (
    ("志愿服务队", "公益慈善类", 9),
    ("邻里互助会", "公益慈善类", 7),
    ("爱心帮扶队", "公益慈善类", 4),
    ("居家养老服务队", "生活服务类", 6),
    ("便民服务队", "生活服务类", 5),
    (WEDDING_COUNCIL, "社区事务类", 8),
    ("村民议事会", "社区事务类", 7),
    ("人民调解会", "社区事务类", 6),
    ("环境卫生监督队", "社区事务类", 5),
    ("广场舞队", "文体活动类", 9),
    ("客家山歌队", "文体活动类", 4),
    ("老年人体育队", "文体活动类", 6),
    ("书画社", "文体活动类", 3),
)
_OLDER = 1_140
_OLDER_SINCE = dt.date(2014, 3, 1)
_MODES, _MODE_SHARES = ("登记", "备案", "纳入管理"), (0.06, 0.72, 0.22)
_ENDED_SHARE, _SHORTEST_LIFE_DAYS = 0.02, 300
_FIRST_NUMBER = 70_001


@dataclass(frozen=True, slots=True)
class CommunityOrganization:
    """A community organization, with its values in the register except the quarter."""

    town: Town
    village: Village | None
    name: str
    category: str
    mode: str
    uscc: str | None
    filing_code: str | None
    is_hub: bool
    is_wedding_council: bool
    founded: dt.date
    ended: dt.date | None
    members: int
    leader: str
    phone: str


@dataclass(frozen=True, slots=True)
class _Seat:
    """A place and a kind for which an organization may be drawn."""

    town: Town
    village: Village | None
    name: str
    category: str
    founded: dt.date


def plan_community_organizations(city: City) -> list[CommunityOrganization]:
    """Plans all of them, ordered by town and day. Those founded since 2021, and the hubs, are the numbers in the facts."""
    rng = city.stream("community_organization", "plan")
    federations = list(_federations(city))
    wanted = max(0, city.facts.community_organizations - len(federations))
    seats = [*federations[: city.facts.community_organizations], *_drawn_seats(rng, wanted)]
    modes = _modes(rng, len(seats), len(federations))
    hubs = _hubs(seats, modes, city.facts.hub_organizations)
    return sorted(_registered(rng, seats, modes, hubs), key=lambda one: (one.town.code, one.founded, one.name))


def _federations(city: City) -> Iterator[_Seat]:
    """Yields the towns' federations, with the founding dates of the report on town coverage (CA16)."""
    foundings = plan_founding_dates(city.seed)
    for town in statutory_towns():
        yield _Seat(town, None, f"{town.name}社区社会组织联合会", "社区事务类", foundings[town.code].federation)


def _drawn_seats(rng: Rng, since_2021: int) -> Iterator[_Seat]:
    places = [(town, village) for town in statutory_towns() for village in town.villages]
    weights = [float(weight) for _, _, weight in _KINDS] * len(places)
    total = sum(weights)
    count = since_2021 + _OLDER
    chosen = rng.choice(len(weights), size=count, replace=False, p=[weight / total for weight in weights]).tolist()
    for place, day in zip(chosen, [*_recent_days(rng, since_2021), *_older_days(rng)], strict=True):
        (town, village), (kind, category, _) = places[place // len(_KINDS)], _KINDS[place % len(_KINDS)]
        yield _Seat(town, village, f"{village.label}{kind}", category, day)


def _recent_days(rng: Rng, count: int) -> list[dt.date]:
    """Draws days of the three years, most of them working days, with a slight increase over time."""
    weights = [weight * (1 + number / 36) for number, month in enumerate(FULL_SPAN.months()) for weight in day_weights(month)]
    days = rng.choice(len(weights), size=count, p=[weight / sum(weights) for weight in weights]).tolist()
    return [FULL_SPAN.first.start + dt.timedelta(days=day) for day in days]


def _older_days(rng: Rng) -> list[dt.date]:
    days = (FULL_SPAN.first.start - _OLDER_SINCE).days
    return [_OLDER_SINCE + dt.timedelta(days=day) for day in rng.integers(days, size=_OLDER).tolist()]


def _modes(rng: Rng, count: int, federations: int) -> list[str]:
    drawn = rng.choice(len(_MODES), size=count, p=_MODE_SHARES).tolist()
    return ["登记" if number < federations else _MODES[mode] for number, mode in enumerate(drawn)]


def _hubs(seats: Sequence[_Seat], modes: Sequence[str], count: int) -> frozenset[int]:
    """Chooses the hubs: the federations first, then others of the three years that are registered or filed."""
    fit = (
        number
        for number, (seat, mode) in enumerate(zip(seats, modes, strict=True))
        if mode != "纳入管理" and not seat.name.endswith(WEDDING_COUNCIL) and seat.founded >= FULL_SPAN.first.start
    )
    return frozenset(number for number, _ in zip(fit, range(count), strict=False))


def _registered(rng: Rng, seats: Sequence[_Seat], modes: Sequence[str], hubs: frozenset[int]) -> Iterator[CommunityOrganization]:
    count = len(seats)
    names, phones = draw_names(rng, count), draw_mobiles(rng, count)
    members, lives = rng.integers(8, 120, size=count).tolist(), rng.integers(_SHORTEST_LIFE_DAYS, 1_500, size=count).tolist()
    ends = (rng.random(count) < _ENDED_SHARE).tolist()
    for number, (seat, mode) in enumerate(zip(seats, modes, strict=True)):
        is_hub = number in hubs
        ended = seat.founded + dt.timedelta(days=lives[number]) if ends[number] and seat.village and not is_hub else None
        yield CommunityOrganization(
            seat.town,
            seat.village,
            seat.name,
            seat.category,
            mode,
            make_uscc("51", seat.town.county_code, _FIRST_NUMBER + number) if mode == "登记" else None,
            f"SQ{seat.town.code[2:]}{number + 1:05d}" if mode == "备案" else None,
            is_hub,
            seat.name.endswith(WEDDING_COUNCIL),
            seat.founded,
            ended,
            members[number] * (3 if is_hub else 1),
            names[number],
            phones[number],
        )
