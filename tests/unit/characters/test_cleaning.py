"""No two words are joined, and nothing is left that cannot be seen: the same for single texts and for whole columns."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.characters.cleaning import clean_text
from loaders.reading.flat_files.column_cleaning import clean_column
from loaders.reading.text.text_scan import TextScan


@pytest.mark.parametrize(
    ("separator", "shown"),
    [
        *((break_, "\n") for break_ in ("\x0b", "\x0c", "\x85", "\u2028", "\u2029")),
        *((control, " ") for control in ("\x01", "\x02", "\x07", "\x1c", "\x1d", "\x1e", "\x1f", "\x7f")),
        *((kept, kept) for kept in ("\n", "\r\n", "\t", "\u00a0", "\u3000", "\u2003")),
    ],
)
def test_a_separator_never_joins_two_words(separator: str, shown: str) -> None:
    assert clean_text(f"惠城{separator}博罗") == f"惠城{shown}博罗"
    assert clean_text(f"a{separator}b") == f"a{shown}b"
    assert clean_text(f"{separator}甲{separator}") == "甲"


@pytest.mark.parametrize("unseen", ["\u200b", "\u200d", "\u200e", "\u2060", "\ufeff", "\u00ad", "\u202a", "\u2066", "\x00"])
def test_what_nobody_sees_is_removed(unseen: str) -> None:
    assert clean_text(f"惠{unseen}城{unseen}") == "惠城"


@pytest.mark.parametrize("text", ["惠城区", "a b", "一\n二", "a\u00a0b", "x=1", "😀", "é", "\ue000", "A\u0301"])
def test_what_is_seen_stays(text: str) -> None:
    assert clean_text(text) == text


SEEN = "甲a1=\"“”＝＂'\u4e01"
UNSEEN = " \t\n\r\u00a0\u3000\u2003\u0085\u2028\u2029\u200b\u00ad\u180e\ufeff\x01\x0b\x0c\x1f\x7f"
CHARACTERS = st.sampled_from([*SEEN, *UNSEEN])
TEXTS = st.text(CHARACTERS, max_size=8)


@settings(max_examples=200, deadline=None)
@given(st.lists(TEXTS.filter(lambda text: "\0" not in text), max_size=8))
def test_a_column_is_cleaned_as_its_texts_are_and_the_survey_tells_when_that_is_needed(texts: list[str]) -> None:
    texts = [text.encode("utf-8", "ignore").decode() for text in texts]
    expected = [clean_text(text) or None for text in texts]
    assert [text or None for text in clean_column(pa.array(texts, pa.string())).to_pylist()] == expected
    scan = TextScan()
    scan.feed("\n".join(texts).encode())
    if not scan.needs_cleaning:
        assert [text or None for text in texts] == expected or any(set(text) & set("\n\r\t") for text in texts)


@given(TEXTS)
def test_cleaning_keeps_every_visible_character_in_its_place(text: str) -> None:
    visible = [one for one in text if not one.isspace() and clean_text(f"甲{one}乙") == f"甲{one}乙"]
    if visible[:1] not in (["="], ["＝"]):
        assert [one for one in clean_text(text) if not one.isspace()] == visible
