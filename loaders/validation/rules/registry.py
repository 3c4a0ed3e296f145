"""Registry of row-rule kinds: every `RuleKind` of a module in `kinds`, by the expectation's name."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache

from loaders.validation.rules import kinds
from loaders.validation.rules.rule_kind import RuleKind


@cache
def rule_kinds() -> Mapping[str, RuleKind]:
    """Every registered kind.

    Raises:
        ValueError: two modules register one name.
    """
    registered: dict[str, RuleKind] = {}
    for kind in _discovered():
        if kind.expect in registered:
            raise ValueError(f"rule kind {kind.expect} is registered twice")
        registered[kind.expect] = kind
    return registered


def _discovered() -> Iterator[RuleKind]:
    for module in pkgutil.iter_modules(kinds.__path__):
        content = vars(importlib.import_module(f"{kinds.__name__}.{module.name}"))
        yield from (value for value in content.values() if isinstance(value, RuleKind))
