"""Registry of cross-report rules: every `CrossRuleKind` of a module in `kinds`, by the model of its rules."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from loaders.contract import CrossRule
from loaders.warehouse.cross_rules import kinds
from loaders.warehouse.cross_rules.cross_rule_kind import CrossRuleKind


def kind_of(rule: CrossRule) -> CrossRuleKind:
    """The registered kind of a rule."""
    return _kinds()[type(rule)]


@cache
def _kinds() -> Mapping[type[CrossRule], CrossRuleKind]:
    modules = (importlib.import_module(f"{kinds.__name__}.{module.name}") for module in pkgutil.iter_modules(kinds.__path__))
    found = (value for module in modules for value in vars(module).values() if isinstance(value, CrossRuleKind))
    return {kind.model: kind for kind in found}
