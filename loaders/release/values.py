"""What a release consists of: its header, its values and the submissions behind them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple


class ValueKey(NamedTuple):
    """What a value is of."""

    indicator_code: str
    area_code: str
    period_code: str


@dataclass(frozen=True, slots=True)
class ReleasedValue:
    """One value as BI saw it: small counts are hidden, and null. A value that is no more is null in all fields.

    `value` is that of the period, `ytd` counts from 1 January, `to_date` from the first record; the last two are of ratios.
    """

    indicator_code: str
    area_code: str
    period_code: str
    value: Decimal | None
    ytd: Decimal | None
    to_date: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None

    @property
    def key(self) -> ValueKey:
        """What the value is of."""
        return ValueKey(self.indicator_code, self.area_code, self.period_code)

    @property
    def numbers(self) -> tuple[Decimal | None, ...]:
        """The numbers, in the order of the fields."""
        return (self.value, self.ytd, self.to_date, self.numerator, self.denominator)


@dataclass(frozen=True, slots=True)
class BackingSubmission:
    """A submission whose rows were current when a release was frozen."""

    submission_id: int
    report: str
    unit_code: str
    period_code: str | None
    source_uri: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Release:
    """The header of a release. `period_code` is the period that it publishes; values of earlier periods that it restates are in
    it too. The digests are hex SHA-256. `previous_hash` is the hash of the release before, empty for the first.
    `decided_at` and `decided_in` tell when and where the approver decided; both are None where that was not kept.
    `build_id` is the build of the indicators whose values it froze; None where that was not kept.
    """

    release_number: int
    period_code: str
    released_at: dt.datetime
    approved_by: str
    reason: str
    git_revision: str
    models_digest: str
    contracts_digest: str
    values_digest: str
    submissions_digest: str
    previous_hash: str
    decided_at: dt.datetime | None = None
    decided_in: str | None = None
    build_id: int | None = None
