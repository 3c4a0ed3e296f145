"""Texts that were damaged on their way, remarked on at their cells with what is likely meant."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.characters.garbling import SUSPICIOUS, Damage, Garbling, garbling_of
from loaders.contract import Column, Words
from loaders.table import Severity
from loaders.validation.findings import Finding
from loaders.validation.personal import shortened, shown
from loaders.validation.texts import Texts, memory_of

RULE = "garbled_text"
_MOST_TOLD_APART = 200  # a document that is damaged throughout is told so; each reading of its own costs a search


def garbled(column: Column, texts: Texts) -> Iterator[Finding]:
    """What is found in a column of texts: each damage once per distinct text."""
    memory = memory_of(texts.distinct)
    if memory.isascii() and b"??" not in memory:
        return
    suspects = np.flatnonzero(pc.fill_null(pc.match_substring_regex(texts.distinct, SUSPICIOUS), False).to_numpy(False))
    places: dict[tuple[str, str], list[int]] = {}
    for place, text in zip(suspects.tolist(), texts.distinct.take(pa.array(suspects)).to_pylist(), strict=True):
        garbling = garbling_of(text)
        if garbling is not None:
            words = _words(column, garbling, with_meaning=len(places) < _MOST_TOLD_APART)
            places.setdefault((words.zh, words.en), []).append(place)
    for (zh, en), chosen in places.items():
        yield Finding(RULE, Severity.WARNING, (column.name,), Words(zh=zh, en=en), texts.rows_of(np.array(chosen)))


def _words(column: Column, garbling: Garbling, *, with_meaning: bool) -> Words:
    """What should stand there instead. What is likely meant is masked as the value itself is."""
    if garbling.damage is Damage.LOST:
        return Words(zh="没有丢失字符的文字", en="a text in which no character was lost")
    characters = " ".join(f"U+{ord(character):04X}" for character in garbling.shown_by[:5])
    wanted = {
        Damage.MISREAD: Words(zh="没有乱码的文字", en="a text that was read in its own encoding"),
        Damage.PRIVATE: Words(zh=f"不含自造字（{characters}）的文字", en=f"a text without private-use characters ({characters})"),
    }[garbling.damage]
    if garbling.likely is None or not with_meaning:
        return wanted
    likely = shortened(shown(column, garbling.likely))
    return Words(zh=f"{wanted.zh}，可能是“{likely}”", en=f'{wanted.en}, likely "{likely}"')
