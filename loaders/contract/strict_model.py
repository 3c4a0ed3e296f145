"""What every part of a contract has in common: no field that is not described, nothing that changes, all faults told."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

_NOT_IN_A_LINE = frozenset({"Cc", "Zl", "Zp"})
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,58}$")]
OneLine = Annotated[str, Field(pattern=r"^[^\r\n\x00]+$", max_length=200)]


class StrictModel(BaseModel):
    """A part of a contract. What its fields must agree on is said by `errors`, all at once."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="after")
    def _check_consistency(self) -> Self:
        errors = list(self.errors())
        if errors:
            raise ValueError("; ".join(errors))
        return self

    def errors(self) -> Iterator[str]:
        """What is wrong between the fields, each of which is right by itself."""
        yield from ()


class LocalizedText(StrictModel):
    """The same words in Chinese and in English."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class OneLineText(LocalizedText):
    """Words that stand in the subjects of mails, in tags and in lists: one line in each language."""

    zh: str = Field(min_length=1, max_length=200)
    en: str = Field(min_length=1, max_length=200)

    def errors(self) -> Iterator[str]:
        """More than a line."""
        for name, text in (("zh", self.zh), ("en", self.en)):
            if any(unicodedata.category(letter) in _NOT_IN_A_LINE for letter in text):
                yield f"{name} must be one line, without line breaks, tabs and other controls"
