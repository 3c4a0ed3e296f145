"""A code within an answer, by which a system states whether a request succeeded."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from loaders.contract.sources.answer_path import AnswerPath
from loaders.contract.strict_model import StrictModel


class AnswerCode(StrictModel):
    """A place in an answer and the values that count there: `{path: code, values: [0, 200]}`.

    Values are compared as texts, so that `0` also matches `"0"`, and `true` matches `"true"`.
    """

    path: AnswerPath
    values: tuple[bool | int | str, ...] = Field(min_length=1)

    def matches(self, value: Any) -> bool:
        """Returns whether the value at the path is one of those that count."""
        return value is not None and code_text(value) in {code_text(known) for known in self.values}


class Success(AnswerCode):
    """The code of a good answer, and where the server says what is wrong: `{path: code, values: [0, "0000"], message: msg}`."""

    message: AnswerPath = "message"


def code_text(value: Any) -> str:
    """Returns a code as text, so that 0 and "0" are the same."""
    return str(value).lower() if isinstance(value, bool) else str(value)
