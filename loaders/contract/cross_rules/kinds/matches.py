"""`matches`: where the other report has a row with the same key, some columns agree; a null is no disagreement."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from loaders.contract.cross_rules.base import BetweenReports, Pairs
from loaders.contract.strict_model import Identifier


class MatchRule(BetweenReports):
    """The columns that agree, and the key (`join_on`), each with the other report's column."""

    kind: Literal["matches"]
    columns: dict[Identifier, Identifier] = Field(min_length=1)
    join_on: dict[Identifier, Identifier] = Field(min_length=1)

    @property
    def pairs(self) -> Pairs:
        """The columns that agree, then those of the key."""
        return (*self.columns.items(), *self.join_on.items())
