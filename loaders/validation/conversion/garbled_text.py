"""Texts that were damaged on their way, remarked on at their cells with what is likely meant."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.characters.garbled_text import SUSPICIOUS, GarbledText, GarblingKind, detect_garbled_text
from loaders.contract import Column, LocalizedText
from loaders.messages import phrase
from loaders.model import Severity
from loaders.validation.conversion.pseudonyms import redacted, truncate
from loaders.validation.model.rule_violation import RuleViolation
from loaders.validation.model.string_column import StringColumn, memory_of

RULE = "garbled_text"
_MOST_DISTINCT_MESSAGES = 200  # a document that is damaged throughout is told so; each reading of its own costs a search


def find_garbled_text(column: Column, texts: StringColumn) -> Iterator[RuleViolation]:
    """What is found in a column of texts: each damage once per distinct text."""
    memory = memory_of(texts.distinct)
    if memory.isascii() and b"??" not in memory:
        return
    suspects = np.flatnonzero(pc.fill_null(pc.match_substring_regex(texts.distinct, SUSPICIOUS), False).to_numpy(False))
    places: dict[tuple[str, str], list[int]] = {}
    for place, text in zip(suspects.tolist(), texts.distinct.take(pa.array(suspects)).to_pylist(), strict=True):
        garbling = detect_garbled_text(text)
        if garbling is not None:
            words = _expected_text(column, garbling, with_meaning=len(places) < _MOST_DISTINCT_MESSAGES)
            places.setdefault((words.zh, words.en), []).append(place)
    for (zh, en), chosen in places.items():
        yield RuleViolation(RULE, Severity.WARNING, (column.name,), LocalizedText(zh=zh, en=en), texts.rows_of(np.array(chosen)))


def _expected_text(column: Column, garbling: GarbledText, *, with_meaning: bool) -> LocalizedText:
    """What should stand there instead. What is likely meant is masked as the value itself is."""
    if garbling.kind is GarblingKind.LOST_CHARACTERS:
        return phrase("expected.whole_text")
    characters = " ".join(f"U+{ord(character):04X}" for character in garbling.affected_characters[:5])
    wanted = {
        GarblingKind.WRONG_ENCODING: phrase("expected.own_encoding"),
        GarblingKind.PRIVATE_USE: phrase("expected.no_private_use", characters=characters),
    }[garbling.kind]
    if garbling.likely_original is None or not with_meaning:
        return wanted
    return phrase("expected.likely", expected=wanted, text=truncate(redacted(column, garbling.likely_original)))
