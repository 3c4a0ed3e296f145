"""A code within an answer, by which a system states whether a request succeeded."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from loaders.contract.sources.named_values import AnswerPath
from loaders.contract.strict_model import StrictModel


class AnswerCode(StrictModel):
    """A place in an answer and the values that count there: `{path: code, values: [0, 200]}`.

    Values are compared as texts, so that `0` also matches `"0"`, and `true` matches `"true"`.
    """

    path: AnswerPath
    values: tuple[bool | int | str, ...] = Field(min_length=1)

    def matches(self, value: Any) -> bool:
        """Returns whether the value at the path is one of those that count."""
        return value is not None and _text(value) in {_text(known) for known in self.values}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
