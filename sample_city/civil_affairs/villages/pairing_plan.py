"""The plan of pairings: which organization helps which village, and when. Several reports are derived from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sample_city.city import City, Organization
from sample_city.civil_affairs.organizations.good_standing import known_partners, organizations_in_good_standing
from sample_city.reference.geography import Town, Village, statutory_towns
from sample_city.reference.people import Rng, draw_mobiles, draw_names
from sample_city.reference.timetable import FULL_SPAN

LUZHOU = "441302112"
_ENDED, _PAUSED = 4, 1
_SECOND_VILLAGE_EVERY = 4
_FIRST_DAYS = (3, 8, 15)
_LAST_START = 1_050


@dataclass(frozen=True, slots=True)
class Pairing:
    """The pairing of an organization with a village. A paused one is neither active nor ended."""

    organization: Organization
    town: Town
    village: Village
    paired: dt.date
    ended: dt.date | None
    is_paused: bool
    agreement: str
    contact_name: str
    contact_phone: str

    def is_active(self, day: dt.date) -> bool:
        """Decides whether the pairing is active on a day."""
        return not self.is_paused and self.paired <= day and (self.ended is None or day < self.ended)


def plan_pairings(city: City) -> list[Pairing]:
    """Plans the pairings, oldest first: as many active ones as in the facts, four that have ended, one that is paused."""
    rng = city.stream("pairing", "plan")
    going_on = _organizations(city)
    others = organizations_in_good_standing(city, "pairing")
    spare = [one for one in others if one not in going_on][: _ENDED + _PAUSED]
    hosts = [*going_on, *(one for number, one in enumerate(going_on) if number % _SECOND_VILLAGE_EVERY == 0), *spare]
    people = zip(draw_names(rng, len(hosts)), draw_mobiles(rng, len(hosts)), strict=True)
    places = _places(rng, hosts)
    pairings = []
    for number, (host, (town, village), (name, phone)) in enumerate(zip(hosts, places, people, strict=True)):
        extra = number - (len(hosts) - len(spare))
        paired, ended = _first_and_last_day(rng, number, len(hosts), has_ended=0 <= extra < _ENDED)
        agreement = f"JD{paired:%Y}-{number + 1:03d}"
        pairings.append(Pairing(host, town, village, paired, ended, extra >= _ENDED, agreement, name, phone))
    return sorted(pairings, key=lambda one: (one.paired, one.agreement))


def _organizations(city: City) -> list[Organization]:
    named = known_partners(city)
    others = [one for one in organizations_in_good_standing(city, "pairing") if one not in named]
    return [*named, *others][: city.facts.pairing_organizations]


def _places(rng: Rng, hosts: Sequence[Organization]) -> list[tuple[Town, Village]]:
    """Draws a village per organization: in Luzhou for the first ten, anywhere for the others, never the same one twice."""
    towns = statutory_towns()
    luzhou = next(town for town in towns if town.code == LUZHOU)
    taken: set[tuple[str, str]] = set()
    places = []
    for number, host in enumerate(hosts):
        town = luzhou if number < len(luzhou.villages) else towns[int(rng.integers(len(towns)))]
        free = [village for village in town.villages if (host.uscc, village.code) not in taken]
        village = free[number % len(free)]
        taken.add((host.uscc, village.code))
        places.append((town, village))
    return places


def _first_and_last_day(rng: Rng, number: int, count: int, *, has_ended: bool) -> tuple[dt.date, dt.date | None]:
    """Draws the first and last day. The first three begin in the first month; those that have ended began early."""
    first = FULL_SPAN.first.start
    if has_ended:
        paired = first + dt.timedelta(days=int(rng.integers(20, 300)))
        return paired, paired + dt.timedelta(days=int(rng.integers(250, 600)))
    offset = _FIRST_DAYS[number] if number < len(_FIRST_DAYS) else 20 + number * (_LAST_START - 20) // count
    return first + dt.timedelta(days=offset), None
