"""What was found wrong with some rows, before it is told: one finding for each rule that some rows break."""

from __future__ import annotations

from dataclasses import dataclass

from loaders.contract import Words
from loaders.table import Severity
from loaders.validation.texts import Positions


@dataclass(frozen=True, slots=True)
class Finding:
    """Rows (places in a stack) that break one rule.

    `columns` are those that the rule speaks of; the first is the one that an issue points at. `expected` is what the first
    column should hold (`整数`), or, with `is_sentence`, the contract's own sentence about the row. `instead_of` gives, for
    each repeated row, the row that stays.
    """

    rule: str
    severity: Severity
    columns: tuple[str, ...]
    expected: Words
    rows: Positions
    is_sentence: bool = False
    instead_of: Positions | None = None
