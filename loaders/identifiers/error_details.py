"""What is wrong with a number, in words: what was expected at which place, and what was found there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodeErrorDetail:
    """One fault of a code. `is_check` says that the code has its form, and only a check character does not fit."""

    zh: str
    en: str
    is_check: bool = False


def wrong_length(expected: int, found: int) -> CodeErrorDetail:
    """The code has another number of characters."""
    return CodeErrorDetail(f"应为{expected}位，实为{found}位", f"expected {expected} characters, found {found}")


def wrong_check_digit(position: int, expected: str, found: str, zh: str, en: str) -> CodeErrorDetail:
    """A check character is not the one that the others make; `zh` and `en` name it."""
    return CodeErrorDetail(
        f"第{position}位{zh}应为“{expected}”，实为“{found}”（该位或前面某一位有误）",
        f'{en} (character {position}) should be "{expected}", found "{found}": it, or one before it, is wrong',
        is_check=True,
    )
