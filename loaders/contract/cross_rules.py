"""Rules between reports, and between the periods of one: run in the warehouse over current rows, always as warnings.

`expectations/README.md` shows each kind in use; `cross_faults` says what its columns must agree on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from loaders.contract.strict_model import Identifier, LocalizedText, StrictModel

Pairs = tuple[tuple[str, str], ...]


class CrossRule(StrictModel):
    """What all kinds share. `name` tells one rule of the report from another; `where` restricts it to some rows."""

    name: Identifier
    where: dict[Identifier, tuple[str, ...]] = Field(default_factory=dict)
    meaning: LocalizedText

    @property
    def own_columns(self) -> tuple[str, ...]:
        """The columns of its own report that it reads, besides those of `where`; the first is the one that is told of."""
        return tuple(dict.fromkeys(own for own, _ in self.pairs))

    @property
    def pairs(self) -> Pairs:
        """The columns that it compares: its own report's, and the other one's."""
        return ()

    @property
    def own_date_columns(self) -> tuple[str, ...]:
        """The columns of its own report that must be dates."""
        return ()

    @property
    def own_number_columns(self) -> tuple[str, ...]:
        """The columns of its own report that must be numbers."""
        return ()

    @property
    def needs_period(self) -> bool:
        """Whether it asks for the period of a document."""
        return False


class BetweenReports(CrossRule):
    """A rule that looks into another report. `told` says whose fault a breach is: this report's, or the other one's."""

    other: Identifier = Field(alias="in")
    told: Literal["own", "other"] = "own"

    @property
    def other_date_columns(self) -> tuple[str, ...]:
        """The columns of the other report that must be dates."""
        return ()

    @property
    def other_number_columns(self) -> tuple[str, ...]:
        """The columns of the other report that must be numbers."""
        return ()


class ValidityInterval(StrictModel):
    """When a row of the other report counts: from a day on, until a day (that day too), blank bounds being open.

    `day` is the date of this report's row; without it, any day of its document's period will do.
    """

    since: Identifier = Field(alias="from")
    until: Identifier | None = None
    day: Identifier | None = None


class ReferenceRule(BetweenReports):
    """The values of some columns stand in a row of another report, in the columns `at` (of the same names, when left out)."""

    kind: Literal["exists_in"]
    columns: tuple[Identifier, ...] = Field(min_length=1)
    at: tuple[Identifier, ...] = ()
    during: ValidityInterval | None = Field(default=None, alias="while")

    @property
    def pairs(self) -> Pairs:
        """Each column with the one that it stands in."""
        return tuple(zip(self.columns, self.at or self.columns, strict=True))

    @property
    def own_date_columns(self) -> tuple[str, ...]:
        """The day on which the other row must count."""
        return (self.during.day,) if self.during is not None and self.during.day is not None else ()

    @property
    def other_date_columns(self) -> tuple[str, ...]:
        """The bounds between which the other row counts."""
        bounds = (self.during.since, self.during.until) if self.during is not None else ()
        return tuple(name for name in bounds if name is not None)

    @property
    def needs_period(self) -> bool:
        """Whether the document's period stands for the day."""
        return self.during is not None and self.during.day is None

    def errors(self) -> Iterator[str]:
        """Not as many columns there as here."""
        if self.at and len(self.at) != len(self.columns):
            yield f"at names {len(self.at)} column(s) for {len(self.columns)} in columns"


class MatchRule(BetweenReports):
    """Where the other report has a row with the same key (`by`), it says the same in some columns; blanks say nothing."""

    kind: Literal["agrees_with"]
    columns: dict[Identifier, Identifier] = Field(min_length=1)
    by: dict[Identifier, Identifier] = Field(min_length=1)

    @property
    def pairs(self) -> Pairs:
        """The columns that say the same, then those of the key."""
        return (*self.columns.items(), *self.by.items())


class ReconciliationRule(BetweenReports):
    """A column equals the sum of a column of the other report (the number of rows, without `sum`) for the same key and period."""

    kind: Literal["sum_agrees"]
    column: Identifier
    sum: Identifier | None = None
    by: dict[Identifier, Identifier] = Field(min_length=1)
    tolerance_pct: float = Field(default=0.0, ge=0, le=100)

    @property
    def own_columns(self) -> tuple[str, ...]:
        """The total, then the key."""
        return (self.column, *self.by)

    @property
    def pairs(self) -> Pairs:
        """The columns of the key, and the total with its addends."""
        total = ((self.column, self.sum),) if self.sum is not None else ()
        return (*total, *self.by.items())

    @property
    def own_number_columns(self) -> tuple[str, ...]:
        """The total."""
        return (self.column,)

    @property
    def other_number_columns(self) -> tuple[str, ...]:
        """The addends."""
        return (self.sum,) if self.sum is not None else ()

    @property
    def needs_period(self) -> bool:
        """Rows are added up within the document's period."""
        return True


class NonDecreasingRule(CrossRule):
    """A cumulative column is never smaller than in the period before, for the same key; `within: year` begins anew each year."""

    kind: Literal["never_falls"]
    column: Identifier
    by: tuple[Identifier, ...] = Field(min_length=1)
    within: Literal["year"] | None = None

    @property
    def own_columns(self) -> tuple[str, ...]:
        """The cumulative column, then the key."""
        return (self.column, *self.by)

    @property
    def own_number_columns(self) -> tuple[str, ...]:
        """The cumulative column."""
        return (self.column,)

    @property
    def needs_period(self) -> bool:
        """Rows follow each other by their documents' periods."""
        return True


AnyCrossRule = Annotated[ReferenceRule | MatchRule | ReconciliationRule | NonDecreasingRule, Field(discriminator="kind")]
