"""Texts without what an export put around them to keep a spreadsheet from changing them (`'0752`, `="0752"`)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.characters.spreadsheet_escapes import LEADING_QUOTES, is_code, is_long_code, strip_leading_quote, unwrap_text_formula
from loaders.contract import Column, ColumnType, LocalizedText
from loaders.messages import phrase
from loaders.validation.conversion.pseudonyms import is_code as is_identifier_column
from loaders.validation.model.string_column import Positions, may_begin

_MARKED = rf"^[=＝{LEADING_QUOTES}]"
LEADING_MARK = "leading_mark"


def describe_removed_mark(mark: str) -> LocalizedText:
    """Why a mark was taken away."""
    return phrase("expected.leading_mark", mark=mark)


def strip_export_quoting(column: Column, texts: pa.Array) -> tuple[pa.Array, dict[str, Positions]]:
    """Trimmed texts as they were before the export, and, by the mark that was taken away, those of which that can be doubted.

    `="…"` is unwrapped everywhere, for it shows nothing else. A leading mark is taken away where the column holds no free text;
    in keys and codes where a code follows; in other texts only before what can hardly be anything but a code, in doubt.
    """
    marked = may_begin(texts, f"=＝{LEADING_QUOTES}")
    if len(marked):
        marked = marked[pc.fill_null(pc.match_substring_regex(texts.take(pa.array(marked)), _MARKED), False).to_numpy(False)]
    if not len(marked):
        return texts, {}
    before: list[str] = texts.take(pa.array(marked)).to_pylist()
    after = [_unquoted(column, text) for text in before]
    mask = np.zeros(len(texts), dtype=bool)
    mask[marked] = True
    uncertain: dict[str, list[int]] = {}
    for place, one, other in zip(marked.tolist(), before, after, strict=True):
        if one != other and one[0] in LEADING_QUOTES and _is_free_text(column):
            uncertain.setdefault(one[0], []).append(place)
    bare = pc.replace_with_mask(texts, pa.array(mask), pa.array(after, pa.string()))
    return bare, {mark: np.array(places) for mark, places in uncertain.items()}


def _unquoted(column: Column, text: str) -> str:
    rest = strip_leading_quote(text)
    return unwrap_text_formula(text) if rest is None or not _is_quoted(column, rest) else rest


def _is_quoted(column: Column, rest: str) -> bool:
    """Whether a leading mark is none of the text's own, by what follows it and by the column."""
    if column.type is not ColumnType.TEXT:
        return True
    if column.name.endswith("_code") and any(character.isdigit() for character in rest):
        return True
    if is_identifier_column(column) or column.names_no_person:
        return is_code(rest)
    return is_long_code(rest)


def _is_free_text(column: Column) -> bool:
    return column.type is ColumnType.TEXT and not is_identifier_column(column) and not column.names_no_person
