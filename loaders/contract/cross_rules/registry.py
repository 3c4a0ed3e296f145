"""Registry of cross-report rule kinds: every rule model of a module in `kinds`, and the union that a contract holds."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Union

from pydantic import Field

from loaders.contract.cross_rules import kinds
from loaders.contract.cross_rules.base import CrossRule


def _models() -> Iterator[type[CrossRule]]:
    for module in pkgutil.iter_modules(kinds.__path__):
        content = vars(importlib.import_module(f"{kinds.__name__}.{module.name}"))
        yield from (
            value for value in content.values() if isinstance(value, type) and "kind" in getattr(value, "model_fields", {})
        )


CROSS_RULE_MODELS = tuple(_models())

if TYPE_CHECKING:
    AnyCrossRule = CrossRule
else:
    AnyCrossRule = Annotated[Union[CROSS_RULE_MODELS], Field(discriminator="kind")]  # noqa: UP007 - a tuple of unknown length
