"""Who is told what, and where: the people table of a deployment, `people/people.yml`. The file may be absent.

Without it, the owner that each contract names is told everything by mail. Addresses refer to connections by their names; no
secret is here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from loaders.contract.strict_model import Identifier, OneLineText, StrictModel

MAIL = "mail"
MailAddress = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)]


class PeopleError(ValueError):
    """The table cannot be used; the message lists each error with its field."""


class Level(StrEnum):
    """At which level of the city somebody answers: a reporting unit, its county, or the city."""

    UNIT = "unit"
    COUNTY = "county"
    CITY = "city"


class Addresses(StrictModel):
    """Where somebody is told, by channel: an address of mail, or the name of the connection of a bot. At least one."""

    mail: MailAddress | None = None
    wecom: Identifier | None = None
    dingtalk: Identifier | None = None
    feishu: Identifier | None = None
    apprise: Identifier | None = None

    @cached_property
    def by_channel(self) -> dict[str, str]:
        """The addresses by channel."""
        return {channel: address for channel, address in self if address is not None}

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        if not self.by_channel:
            raise ValueError("name at least one address")
        return self


class QuietHours(StrictModel):
    """When nobody is disturbed, in the time of China: from a time of day until another, which may be on the next day."""

    since: dt.time
    until: dt.time

    def ends_at(self, now: dt.datetime) -> dt.datetime | None:
        """Returns when the quiet hours end in which a time lies; None when it lies in none."""
        clock = now.timetz().replace(tzinfo=None)
        is_overnight = self.since > self.until
        is_quiet = clock >= self.since or clock < self.until if is_overnight else self.since <= clock < self.until
        if not is_quiet:
            return None
        day = now.date() + dt.timedelta(days=1) if is_overnight and clock >= self.since else now.date()
        return dt.datetime.combine(day, self.until, now.tzinfo)


class Deputy(StrictModel):
    """Who is told instead from one day to another, both included."""

    addresses: Addresses
    since: dt.date
    until: dt.date


class Person(StrictModel):
    """A person or an office: at which level, for which units and reports, and where it is told.

    `units` are codes of reporting units (of counties, at the level county); empty at the level city. `reports`: all, when empty.
    """

    level: Level
    role: OneLineText
    units: frozenset[str] = frozenset()
    reports: frozenset[Identifier] = frozenset()
    addresses: Addresses
    deputy: Deputy | None = None
    quiet_hours: QuietHours | None = None
    since: dt.date | None = None
    until: dt.date | None = None

    @model_validator(mode="after")
    def _has_units(self) -> Self:
        if bool(self.units) is (self.level is Level.CITY):
            raise ValueError("units: name them at the levels unit and county, and none at the level city")
        return self

    def answers(self, level: Level, report: str, unit: str | None, day: dt.date) -> bool:
        """Whether somebody of a level answers for a report and a unit on a day."""
        return (
            self.level is level
            and (not self.units or unit in self.units)
            and (not self.reports or report in self.reports)
            and (self.since or dt.date.min) <= day <= (self.until or dt.date.max)
        )

    def addresses_on(self, day: dt.date) -> Addresses:
        """The addresses of a day: the deputy's while there is one."""
        is_deputy = self.deputy is not None and self.deputy.since <= day <= self.deputy.until
        return self.deputy.addresses if self.deputy is not None and is_deputy else self.addresses


class People(StrictModel):
    """The people table of a deployment.

    people:
      - level: unit
        role: {zh: 马安镇社工站, en: Ma'an station}
        units: ["441302104"]
        addresses: {mail: maan@station.gov.cn, wecom: maan_group}
        quiet_hours: {since: "18:00", until: "08:30"}
    """

    people: tuple[Person, ...] = ()

    def connections(self) -> frozenset[str]:
        """The names of all connections of bots."""
        found = [person.addresses for person in self.people] + [one.deputy.addresses for one in self.people if one.deputy]
        return frozenset(address for one in found for channel, address in one.by_channel.items() if channel != MAIL)

    def mail_addresses(self) -> Iterator[tuple[str, str]]:
        """Yields the field and the address of everybody who is told by mail."""
        for number, person in enumerate(self.people):
            parts = {"addresses": person.addresses, **({"deputy.addresses": person.deputy.addresses} if person.deputy else {})}
            for field, addresses in parts.items():
                if addresses.mail is not None:
                    yield f"people.{number}.{field}.mail", addresses.mail


def load_people(path: Path) -> People:
    """Reads the table; nobody where there is no such file.

    Raises:
        PeopleError: the file holds something else.
    """
    if not path.exists():
        return People()
    try:
        return People.model_validate(yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader) or {})
    except (yaml.YAMLError, OSError, UnicodeDecodeError) as error:
        raise PeopleError(f"{path.name}: cannot be read: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        lines = (
            f"{path.name}: {'.'.join(map(str, one['loc']))}: {one['msg'].removeprefix('Value error, ')}" for one in error.errors()
        )
        raise PeopleError("\n".join(lines)) from error
