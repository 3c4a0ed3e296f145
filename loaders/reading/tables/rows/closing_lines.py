"""Closing lines: classifies texts that close a document below its table: notes, offices, dates, signatures, page numbers.

Words decide alone only if they are unmistakable. A date or the name of an office may also be the value of a row. Then the
position of the line decides (see `table_end`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum

from loaders.reading.tables.headers.header_text import exact_form
from loaders.reading.tables.rows import closing_patterns as patterns
from loaders.reading.tables.rows.prose_totals import is_prose_total


class ClosingElement(StrEnum):
    """Kind of one text in a closing line."""

    NOTE = "note"
    STATEMENT = "statement"
    SENTENCE = "sentence"
    PAGE = "page"
    LABEL = "label"
    OFFICE = "office"
    DATE = "date"


def element_of(text: str, *, spans_table: bool = False) -> ClosingElement | None:
    """Returns what a text can be in a closing line; None if its words give no hint."""
    form = _form(text)
    if patterns.NOTE.match(form):
        return ClosingElement.NOTE
    if patterns.PAGE.match(form):
        return ClosingElement.PAGE
    if patterns.STATEMENT.match(form) or is_prose_total([text]):
        return ClosingElement.STATEMENT
    if patterns.DATE_LINE.match(form) or patterns.MONTH_LINE.match(form):
        return ClosingElement.DATE
    if patterns.SIGNATURE.match(form) or patterns.BARE_LABEL.match(form) or patterns.ANY_LABEL.match(form):
        return ClosingElement.LABEL
    if len(form) > 40 or (spans_table and len(form) > 15) or (text.endswith("。") and len(form) > 8):
        return ClosingElement.SENTENCE
    return ClosingElement.OFFICE if is_issuer(text) else None


def closing_elements(texts: Sequence[str], *, spans_table: bool = False) -> list[ClosingElement]:
    """Returns the elements of a row if all of it can close a document; else nothing."""
    elements = list(_elements(texts, spans_table=spans_table))
    return [] if len(elements) < len(texts) else elements


def _elements(texts: Sequence[str], *, spans_table: bool) -> Iterator[ClosingElement]:
    """Yields the elements up to the first text that is none. The text after a label is its value."""
    before: ClosingElement | None = None
    for place, text in enumerate(texts):
        element = element_of(text, spans_table=spans_table)
        if element is None and before is ClosingElement.LABEL and _wants_value(texts[place - 1]):
            element = ClosingElement.STATEMENT
        if element is None and before is ClosingElement.NOTE:
            element = ClosingElement.SENTENCE
        if element is None:
            return
        before = element
        yield element


def _wants_value(label: str) -> bool:
    return label[-1:] in ":：" or patterns.BARE_LABEL.match(_form(label)) is not None


def begins_with_signer(text: str) -> bool:
    """Checks whether a text is a label of the footer, with or without a colon (`制表人`, `审核人：李四`)."""
    form = _form(text)
    return patterns.SIGNATURE.match(form) is not None or patterns.BARE_LABEL.match(form) is not None


def is_unmistakable(texts: Sequence[str]) -> bool:
    """Checks whether a row with a single text at the left edge of its table can only be a closing line, in any position."""
    if len(texts) > 2 or (len(texts) == 2 and not _wants_value(texts[0])):
        return False
    form = _form(texts[0])
    return any(words.match(form) for words in (patterns.NOTE, patterns.PAGE, patterns.STATEMENT, patterns.SIGNATURE))


def is_signed_by_several(texts: Sequence[str]) -> bool:
    """Checks whether a row is surely a signature line: several labels of the footer, their values, and nothing else."""
    if len(texts) < 2 or not any(mark in texts[0] for mark in ":："):
        return False
    labels = [patterns.SIGNATURE.match(_form(text)) is not None for text in texts]
    explained = (
        labeled or _wants_value(before) or element_of(text) in {ClosingElement.DATE, ClosingElement.OFFICE, ClosingElement.LABEL}
        for text, before, labeled in zip(texts, ["", *texts], labels, strict=False)
    )
    return labels[0] and sum(labels) > 1 and all(explained)


def is_signature(texts: Sequence[str]) -> bool:
    """Checks whether a row is a signature line: it begins with a label of the footer, or is a date."""
    return bool(texts) and (
        patterns.SIGNATURE.match(_form(texts[0])) is not None or (len(texts) <= 2 and all(is_date_line(text) for text in texts))
    )


def is_prose(texts: Sequence[str]) -> bool:
    """Checks whether a row is a remark: it begins as one, or is one long text."""
    return (
        patterns.NOTE.match(_form(texts[0])) is not None
        or is_prose_total(texts)
        or (len(texts) == 1 and len(_form(texts[0])) > 40)
    )


def continues_note(text: str) -> bool:
    """Checks whether a text can be the next line of a note: numbered, or long enough."""
    form = exact_form(text)
    return patterns.WORDS.search(form) is not None and (patterns.NUMBERED.match(text.strip()) is not None or len(form) > 12)


def office_kind(text: str) -> str | None:
    """Returns the last word of the name of an office, a company or another organization (`惠城区民政局`: 局)."""
    bare = re.sub(rf"{patterns.SEALS}(?:{patterns.YEAR}年{patterns.PART}月{patterns.PART}[日号])?$", "", exact_form(text))
    match = patterns.ISSUER.search(bare) if 2 < len(bare) <= 30 else None
    return match[1] if match else None


def is_issuer(text: str) -> bool:
    """Checks whether a text alone in its row can be the office that signs below a table."""
    return office_kind(text) is not None


def is_date_line(text: str) -> bool:
    """Checks whether a text is only a day."""
    return patterns.DATE_LINE.match(exact_form(text)) is not None


def pattern_of(text: str) -> tuple[str, ...] | None:
    """Returns the pattern of a value that resembles a closing line. A column with such values may contain this one as well."""
    element = element_of(text)
    if element is ClosingElement.OFFICE:
        return (element, office_kind(text) or "")
    if element is ClosingElement.LABEL:
        return (element, _form(text).partition(":")[0])
    if element is ClosingElement.DATE:
        return (element, re.sub(r"[\d〇零○一二三四五六七八九十]+", "9", text))
    return None if element is None else (element,)


def _form(text: str) -> str:
    """Returns the exact form of a text with its final colon, which marks a label."""
    form = exact_form(text)
    return form + ":" if text[-1:] in ":：" else form
