"""Organizations that were in good standing before the city's first month. Generators choose from them."""

from __future__ import annotations

import zlib

from sample_city.city import City, Organization
from sample_city.reference.known_organizations import KnownOrganization, known_organizations
from sample_city.reference.people import make_uscc
from sample_city.reference.timetable import FULL_SPAN

_FEDERATION = "charity_federation"
NOT_REGISTERED = make_uscc("51", "441300", 96_001)
"""A valid credit code that is not in the register."""


def organizations_in_good_standing(city: City, purpose: str) -> list[Organization]:
    """Returns all of them, in a different order per purpose.

    The order depends on each organization alone: adding or removing one does not change the order of the others.
    """
    first_day = FULL_SPAN.first.start
    there = [one for one in city.organizations if one.status == "正常" and one.founded < first_day and one.kind != "其他"]
    return sorted(there, key=lambda one: (zlib.crc32(f"{city.seed}|{purpose}|{one.uscc}".encode()), one.uscc))


def known_partners(city: City) -> list[Organization]:
    """Returns the organizations of the published account as registered, except the federation, which collects for all."""
    named: dict[str, KnownOrganization] = known_organizations()
    wanted = [known.uscc for key, known in named.items() if key != _FEDERATION]
    there = {one.uscc: one for one in city.organizations}
    return [there[uscc] for uscc in wanted if uscc in there]


def kind_of(organization: Organization) -> str:
    """Returns the full name of the kind: the register also uses 民非."""
    return "民办非企业单位" if organization.kind == "民非" else organization.kind
