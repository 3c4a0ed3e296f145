"""A text matches a regular expression somewhere (`^51`), or nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from loaders.validation.rules.rule_kind import Arguments, Domain, RuleKind


class _Arguments(Arguments):
    column: str
    regex: str


def _matches(values: pd.Series[Any], settings: Mapping[str, Any]) -> pd.Series[Any]:
    return values.astype(str).str.contains(settings["regex"])


MATCH = RuleKind(
    expect="expect_column_values_to_match_regex",
    domain=Domain.COLUMN,
    arguments=_Arguments,
    check=_matches,
    settings={"regex": str},
    is_stock=True,
)
NO_MATCH = RuleKind(
    expect="expect_column_values_to_not_match_regex",
    domain=Domain.COLUMN,
    arguments=_Arguments,
    check=lambda values, settings: ~_matches(values, settings),
    settings={"regex": str},
    is_stock=True,
)
