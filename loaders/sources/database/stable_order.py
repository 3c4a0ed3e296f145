"""Orders rows that the server's order leaves equal, so that the same rows give the same bytes."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

Row = Mapping[str, Any]


def with_stable_order(rows: Iterable[Row], order_by: Sequence[str]) -> Iterator[Row]:
    """Returns the rows; adjacent ones that are equal by `order_by`, as loosely as a server may compare, by all their values.

    The rows of one such group are held in memory: one row, where `order_by` names a key.
    """
    for _, group in groupby(rows, key=lambda row: [_loosely(row.get(name)) for name in order_by]):
        tied = list(group)
        yield from tied if len(tied) == 1 else sorted(tied, key=_whole_text)


def _loosely(value: Any) -> Any:
    """Returns a text without what collations ignore: case, accents, width, and blanks at its end."""
    if not isinstance(value, str):
        return value
    letters = unicodedata.normalize("NFKD", value).casefold().rstrip()
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _whole_text(row: Row) -> str:
    return json.dumps(row, ensure_ascii=False)
