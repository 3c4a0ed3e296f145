"""Organisations in good standing since before the city's first month, to be chosen from."""

from __future__ import annotations

import zlib

from sample_city.city import City, Organization
from sample_city.named import NamedOrganization, named_organizations
from sample_city.people import make_uscc
from sample_city.timetable import WHOLE

_COLLECTS_FOR_ALL = "charity_federation"
NOT_REGISTERED = make_uscc("51", "441300", 96_001)
"""A right credit code that the register does not know."""


def standing_organizations(city: City, purpose: str) -> list[Organization]:
    """All of them, in an order of its own for each purpose.

    The order follows from each organisation alone: one more or less in the register does not shuffle the others.
    """
    first_day = WHOLE.first.start
    there = [one for one in city.organizations if one.status == "正常" and one.founded < first_day and one.kind != "其他"]
    return sorted(there, key=lambda one: (zlib.crc32(f"{city.seed}|{purpose}|{one.uscc}".encode()), one.uscc))


def helpers_named_in_the_account(city: City) -> list[Organization]:
    """Those that the city's account names, as the register has them; without the federation, which collects for all."""
    named: dict[str, NamedOrganization] = named_organizations()
    wanted = [known.uscc for key, known in named.items() if key != _COLLECTS_FOR_ALL]
    there = {one.uscc: one for one in city.organizations}
    return [there[uscc] for uscc in wanted if uscc in there]


def kind_of(organization: Organization) -> str:
    """Its kind in full: the register also has it as 民非."""
    return "民办非企业单位" if organization.kind == "民非" else organization.kind
