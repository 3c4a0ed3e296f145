"""What was found wrong with some rows, before it is told: one finding for each rule that some rows break."""

from __future__ import annotations

from dataclasses import dataclass

from loaders.contract import LocalizedText
from loaders.model import Severity
from loaders.validation.model.string_column import Positions


@dataclass(frozen=True, slots=True)
class RuleViolation:
    """Rows (places in a row batch) that break one rule.

    `columns` are those that the rule speaks of; the first is the one that an issue points at. `expected` is what the first
    column should hold (`整数`), or, with `is_sentence`, the contract's own sentence about the row. `kept_rows` gives, for
    each repeated row, the row that stays. With `names_period`, messages add the document's period to `expected`.
    """

    rule: str
    severity: Severity
    columns: tuple[str, ...]
    expected: LocalizedText
    rows: Positions
    is_sentence: bool = False
    names_period: bool = False
    kept_rows: Positions | None = None
