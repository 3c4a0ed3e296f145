"""What all kinds of cross-report rules share, and what the contract checks ask of each."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from loaders.contract.strict_model import Identifier, LocalizedText, StrictModel

Pairs = tuple[tuple[str, str], ...]


class CrossRule(StrictModel):
    """Base of all kinds. `name` tells one rule of the report from another; `where` restricts it to some rows.

    A kind adds `kind`, a literal by which a contract names it.
    """

    name: Identifier
    where: dict[Identifier, tuple[str, ...]] = Field(default_factory=dict)
    meaning: LocalizedText

    @property
    def own_columns(self) -> tuple[str, ...]:
        """The columns of this report that the rule reads, besides those of `where`; issues point at the first."""
        return tuple(dict.fromkeys(own for own, _ in self.pairs))

    @property
    def pairs(self) -> Pairs:
        """The columns that it compares: this report's, and the other one's."""
        return ()

    @property
    def own_date_columns(self) -> tuple[str, ...]:
        """The columns of this report that must be dates."""
        return ()

    @property
    def own_number_columns(self) -> tuple[str, ...]:
        """The columns of this report that must be numbers."""
        return ()

    @property
    def needs_period(self) -> bool:
        """Whether it asks for the period of a document."""
        return False


class BetweenReports(CrossRule):
    """A rule that looks into another report. `responsible` says which of the two is wrong where the rule is broken."""

    other_report: Identifier
    responsible: Literal["this", "other"] = "this"

    @property
    def is_other_responsible(self) -> bool:
        """Whether issues go to the owner of the other report."""
        return self.responsible == "other"

    @property
    def other_date_columns(self) -> tuple[str, ...]:
        """The columns of the other report that must be dates."""
        return ()

    @property
    def other_number_columns(self) -> tuple[str, ...]:
        """The columns of the other report that must be numbers."""
        return ()

    @property
    def needs_other_period(self) -> bool:
        """Whether it asks for the period of the other report's documents."""
        return False

    @property
    def missing_columns(self) -> tuple[str, ...]:
        """The columns of this report whose values are shown to the other owner as missing there; none may be personal."""
        return ()
