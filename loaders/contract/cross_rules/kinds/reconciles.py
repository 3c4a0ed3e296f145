"""`reconciles`: a column equals the sum of a column of the other report for the same key and period."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from loaders.contract.cross_rules.base import BetweenReports, Pairs
from loaders.contract.strict_model import Identifier


class ReconciliationRule(BetweenReports):
    """The total, the column that is summed (rows are counted, without `sum`), and the key."""

    kind: Literal["reconciles"]
    column: Identifier
    sum: Identifier | None = None
    join_on: dict[Identifier, Identifier] = Field(min_length=1)
    tolerance_pct: float = Field(default=0.0, ge=0, le=100)

    @property
    def own_columns(self) -> tuple[str, ...]:
        """The total, then the key."""
        return (self.column, *self.join_on)

    @property
    def pairs(self) -> Pairs:
        """The total with its addends, and the columns of the key."""
        total = ((self.column, self.sum),) if self.sum is not None else ()
        return (*total, *self.join_on.items())

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

    @property
    def needs_other_period(self) -> bool:
        """Rows are added up by period."""
        return True
