"""Validation: text + contract -> verdict.

Great Expectations is the one rule language. It is imported when the first row is judged, not before.
"""

from loaders.validation.judge import Judge, Judgeable
from loaders.validation.row_rule import RuleError
from loaders.validation.rules import check_rules

__all__ = ["Judge", "Judgeable", "RuleError", "check_rules"]
