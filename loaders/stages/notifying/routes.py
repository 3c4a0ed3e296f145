"""Who is told what, and where: by the owners that contracts name and the people table of the deployment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from loaders.contract import LocalizedText, Report
from loaders.contract.terms.people import MAIL, Level, People, Person, load_people
from loaders.divisions import Divisions
from loaders.outgoing_messages import Recipient
from loaders.settings import Settings

_CHINA = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Routes:
    """The recipients of a day. `now` tells whose quiet hours it is."""

    people: People
    divisions: Divisions
    day: dt.date
    now: dt.datetime

    @classmethod
    def load(cls, settings: Settings, day: dt.date) -> Routes:
        """Reads the people table and the divisions of a deployment.

        Raises:
            PeopleError: the table is wrong.
        """
        return cls(load_people(settings.people), Divisions.load(settings.divisions), day, dt.datetime.now(_CHINA))

    def owner(self, report: Report) -> list[Recipient]:
        """Returns where the owner of a report is told: by mail, and by the bots of those at the level of the city.

        An owner who is in the people table is told as it says there, so that his deputy and his quiet hours count.
        """
        owner = report.owner_on(self.day)
        city = [one for one in self.people.people if one.answers(Level.CITY, report.report, None, self.day)]
        found = [recipient for person in city for recipient in self._of(person)]
        if not any(person.addresses.mail == owner.email for person in city):
            found.insert(0, Recipient(MAIL, owner.email, owner.role.zh, owner.role.en))
        return list({(one.channel, one.address): one for one in found}.values())

    def unit(self, report: Report, unit: str) -> list[Recipient]:
        """Returns where a reporting unit itself is told; empty when nobody is named for it."""
        return self._at(Level.UNIT, report, unit)

    def county(self, report: Report, unit: str) -> list[Recipient]:
        """Returns where the county of a reporting unit is told; empty when nobody is named for it."""
        return self._at(Level.COUNTY, report, self._county_of(unit))

    def name(self, unit: str) -> str:
        """Returns the name of a reporting unit, or its code where it is no division."""
        known = self.divisions.by_code.get(unit)
        return known.name if known else unit

    def _at(self, level: Level, report: Report, unit: str) -> list[Recipient]:
        people = (one for one in self.people.people if one.answers(level, report.report, unit, self.day))
        found = (recipient for person in people for recipient in self._of(person))
        return list({(one.channel, one.address): one for one in found}.values())

    def _of(self, person: Person) -> Iterator[Recipient]:
        not_before = person.quiet_hours.ends_at(self.now) if person.quiet_hours else None
        role: LocalizedText = person.role
        for channel, address in person.addresses_on(self.day).by_channel.items():
            yield Recipient(channel, address, role.zh, role.en, not_before)

    def _county_of(self, unit: str) -> str:
        """Returns the county or zone in which a unit lies; the unit itself where it is one, or no division."""
        code: str | None = unit
        while code is not None and (division := self.divisions.by_code.get(code)) is not None:
            if division.level in {"county", "zone"}:
                return code
            code = division.parent_code or None
        return unit
