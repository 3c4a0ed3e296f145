"""What is wrong with a number: the code of a phrase, and what was expected and found at which place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CodeErrorDetail:
    """One error of a code: a phrase of the message catalogue and its parameters.

    `is_check` says that the code has its form, and only a check character does not fit.
    """

    code: str
    parameters: Mapping[str, str | int] = field(default_factory=dict)
    is_check: bool = False


def wrong_length(expected: int, found: int, code: str = "code.length") -> CodeErrorDetail:
    """The code has another number of characters."""
    return CodeErrorDetail(code, {"expected": expected, "found": found})


def wrong_check_digit(position: int, expected: str, found: str, code: str, **parameters: str) -> CodeErrorDetail:
    """A check character is not the one that the others make; `code` is the phrase that names it."""
    return CodeErrorDetail(code, {"position": position, "expected": expected, "found": found, **parameters}, is_check=True)
