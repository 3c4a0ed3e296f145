"""Phrases: the parts of messages that themselves exist in both languages, such as the kind of a file or of a column."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from loaders.contract import LocalizedText
from loaders.messages.catalog_files import read_texts
from loaders.messages.formatting import BilingualFormat, MessageError, Parameter


def phrase(code: str, /, **parameters: Parameter) -> LocalizedText:
    """Fill a phrase.

    Raises:
        MessageError: no phrase has this code.
    """
    found = phrases().get(code)
    if found is None:
        raise MessageError(f"no phrase has the code {code}")
    return localized(*found.fill(parameters))


def localized(zh: str, en: str) -> LocalizedText:
    """A text in both languages, without the checks that a contract's texts need: one language may say nothing."""
    return LocalizedText.model_construct(zh=zh, en=en)


def join_texts(parts: Iterable[LocalizedText], zh: str = "、", en: str = ", ") -> LocalizedText:
    """A list in both languages."""
    listed = list(parts)
    return localized(zh.join(part.zh for part in listed), en.join(part.en for part in listed))


_FILES = ("phrases", "releases", "annotation", "template", "overlap", "pages", "figures", "monitoring")


@cache
def phrases() -> dict[str, BilingualFormat]:
    """All phrases by their codes."""
    return {code: BilingualFormat(**texts) for file in _FILES for code, texts in read_texts(file).items()}
