"""`references`: the values of some columns stand in a row of another report, as a foreign key does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from loaders.contract.cross_rules.base import BetweenReports, Pairs
from loaders.contract.strict_model import Identifier, StrictModel


class ValidityInterval(StrictModel):
    """When a row of the other report counts: from a day on, until a day (that day too), null bounds being open.

    `day` is the date of this report's row; without it, any day of its document's period will do.
    """

    since: Identifier = Field(alias="from")
    until: Identifier | None = None
    day: Identifier | None = None


class ReferenceRule(BetweenReports):
    """The columns and those of the other report (`other_columns`, of the same names when left out) in which they stand."""

    kind: Literal["references"]
    columns: tuple[Identifier, ...] = Field(min_length=1)
    other_columns: tuple[Identifier, ...] = ()
    valid_during: ValidityInterval | None = None

    @property
    def pairs(self) -> Pairs:
        """Each column with the one that it stands in."""
        return tuple(zip(self.columns, self.other_columns or self.columns, strict=True))

    @property
    def own_date_columns(self) -> tuple[str, ...]:
        """The day on which the other row must count."""
        return (self.valid_during.day,) if self.valid_during is not None and self.valid_during.day is not None else ()

    @property
    def other_date_columns(self) -> tuple[str, ...]:
        """The bounds between which the other row counts."""
        bounds = (self.valid_during.since, self.valid_during.until) if self.valid_during is not None else ()
        return tuple(name for name in bounds if name is not None)

    @property
    def needs_period(self) -> bool:
        """Whether the document's period takes the place of the day."""
        return self.valid_during is not None and self.valid_during.day is None

    @property
    def missing_columns(self) -> tuple[str, ...]:
        """The columns whose values the other owner is asked to add."""
        return self.columns if self.is_other_responsible else ()

    def errors(self) -> Iterator[str]:
        """Not as many columns there as here."""
        if self.other_columns and len(self.other_columns) != len(self.columns):
            yield f"other_columns names {len(self.other_columns)} column(s) for {len(self.columns)} in columns"
