"""Validation: text + contract -> validation result.

Great Expectations is the one rule language. It is imported when the first row is validated, not before.
"""

from loaders.validation.model.row_rule import RuleError
from loaders.validation.rules.rule_set import check_rules
from loaders.validation.validator import ValidationInput, Validator

__all__ = ["RuleError", "ValidationInput", "Validator", "check_rules"]
