"""Format strings in two languages, filled with named parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from string import Formatter

from loaders.contract import LocalizedText

Parameter = str | int | LocalizedText


class MessageError(ValueError):
    """A message is not in the catalogue, or its parameters are not those that its text names."""


@dataclass(frozen=True)
class BilingualFormat:
    """A text in Chinese and in English with parameters in braces: `第 {row} 行`."""

    zh: str
    en: str
    is_plain: bool = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_plain", "{" not in self.zh and "{" not in self.en)

    @cached_property
    def parameters(self) -> frozenset[str]:
        """The names in braces, in either language."""
        return frozenset(parameters_in(self.zh) | parameters_in(self.en))

    def fill(self, parameters: Mapping[str, Parameter]) -> tuple[str, str]:
        """Fill the Chinese and the English text.

        Raises:
            KeyError: a parameter is missing.
        """
        if self.is_plain:
            return self.zh, self.en
        chinese, english = parameters, parameters
        for value in parameters.values():
            if isinstance(value, LocalizedText):
                chinese, english = in_chinese(parameters), in_english(parameters)
                break
        return self.zh.format_map(chinese), self.en.format_map(english)


def in_chinese(parameters: Mapping[str, Parameter]) -> dict[str, str | int]:
    """The parameters with the Chinese words of those that have both."""
    return {name: value.zh if isinstance(value, LocalizedText) else value for name, value in parameters.items()}


def in_english(parameters: Mapping[str, Parameter]) -> dict[str, str | int]:
    """The parameters with the English words of those that have both."""
    return {name: value.en if isinstance(value, LocalizedText) else value for name, value in parameters.items()}


def parameters_in(text: str) -> set[str]:
    """The names in braces of one format string."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}
