"""Who answers for a report, and from which day on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Annotated

from pydantic import Field

from loaders.contract.strict_model import OneLineText, StrictModel

# Airflow's tags have 100 letters, and this one begins with "owner:".
MAX_ROLE_LENGTH = 94


class Owner(StrictModel):
    """Who answers for the report and gets its quality alerts; `since` is the first day, in a list of several.

    The office that answers from the beginning has no `since`.
    """

    role: OneLineText
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)]
    since: dt.date | None = None

    def errors(self) -> Iterator[str]:
        """Yields a role that the scheduler cannot show as the tag `owner:…`."""
        if len(self.role.en) > MAX_ROLE_LENGTH:
            yield f"role.en has at most {MAX_ROLE_LENGTH} letters, found {len(self.role.en)}; shorten it"


def owner_errors(single: Owner | None, owners: Sequence[Owner]) -> Iterator[str]:
    """Yields what is wrong with the one owner or the list of them."""
    if (single is None) is (not owners):
        yield "owner: say either owner (one office) or owners (a list, each but the first with since)"
    if single is not None and single.since is not None:
        yield "owner.since goes with owners, the list of those who answered one after the other"
    if any(owner.since is None for owner in owners[1:]):
        yield "owners: each but the first needs since, the day from which on it answers"
    dates = [owner.since or dt.date.min for owner in owners]
    if any(later <= earlier for earlier, later in pairwise(dates)):
        yield "owners: list them by since, the earliest first, no day twice"


def owner_on(owners: Sequence[Owner], day: dt.date) -> Owner:
    """Returns who answers on a day: the last whose `since` is not after it; before all of them, the first."""
    return next((owner for owner in reversed(owners) if (owner.since or dt.date.min) <= day), owners[0])
