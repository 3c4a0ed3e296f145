"""Texts for bots: every part fits, no character is cut, nothing is lost, and cuts fall between lines where they can."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.feedback.channels.splitting import size_of, split_text

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=600)


def without_blanks(text: str) -> str:
    return "".join(text.split())


@given(TEXTS, st.integers(min_value=140, max_value=900))
def test_every_part_fits_and_together_they_are_the_text(text: str, limit: int) -> None:
    parts = split_text(text, limit)
    assert all(size_of(part) <= limit for part in parts)
    told = parts if len(parts) == 1 else [part.split("\n", 1)[1] for part in parts]
    assert without_blanks("".join(told)) == without_blanks(text)


def test_parts_are_numbered_and_cut_between_lines() -> None:
    lines = [f"{number}. 某列填的不是数字" for number in range(30)]
    parts = split_text("\n".join(lines), 300)
    assert [part.split("\n", 1)[0] for part in parts] == [f"（{number}/{len(parts)}）" for number in range(1, len(parts) + 1)]
    assert [line for part in parts for line in part.split("\n")[1:]] == lines


def test_a_line_without_end_is_cut_between_characters() -> None:
    parts = split_text("字" * 400, 300)
    assert "".join(part.split("\n", 1)[1] for part in parts) == "字" * 400


def test_a_limit_that_is_too_small_is_an_error() -> None:
    with pytest.raises(ValueError, match="leaves no room"):
        split_text("字" * 50, 100)
