"""`non_decreasing`: a cumulative column is never smaller than in the period before, for the same key."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from loaders.contract.cross_rules.base import CrossRule
from loaders.contract.strict_model import Identifier


class NonDecreasingRule(CrossRule):
    """The cumulative column and the key (`group_by`); `within: year` starts again each year."""

    kind: Literal["non_decreasing"]
    column: Identifier
    group_by: tuple[Identifier, ...] = Field(min_length=1)
    within: Literal["year"] | None = None

    @property
    def own_columns(self) -> tuple[str, ...]:
        """The cumulative column, then the key."""
        return (self.column, *self.group_by)

    @property
    def own_number_columns(self) -> tuple[str, ...]:
        """The cumulative column."""
        return (self.column,)

    @property
    def needs_period(self) -> bool:
        """Rows follow each other by their documents' periods."""
        return True
