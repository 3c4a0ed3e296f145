"""Cells of OpenDocument spreadsheets: value, type and visible text of one table-cell element."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from loaders.reading.formats.readers.ods.elements import attribute, repeat_count
from loaders.reading.model.cell_builders import bool_cell, error_cell, number_cell, text_or_error_cell
from loaders.reading.model.datetimes import (
    duration_cell,
    formatted_cell,
    iso_cell,
    iso_duration_days,
    with_date_format,
    with_text_format,
)
from loaders.reading.model.sheets import MAX_COLUMN, Cell, CellKind
from loaders.reading.number_formats import FormatKind, NumberFormat, format_of_code

_PERCENT = format_of_code("0%")
# `Err:502`, an error of LibreOffice
_OWN_ERROR = re.compile(r"Err:\d+")
_NOT_SHOWN_ELEMENTS = {"annotation", "ruby-text", "note", "frame", "custom-shape", "tracked-changes", "g"}
_GAPS = {"tab": "\t", "line-break": "\n"}


def cell_of(item: Any, shown_as: NumberFormat) -> Cell | None:
    """Builds a cell by its type. The format writes an error as text; some programs add a type of their own."""
    flags = ("formula",) if attribute(item, "formula") else ()
    kind = next((value for key, value in item.attrib.items() if key.endswith("office:1.0}value-type")), None)
    text = _text_of(item)
    if _is_error(item, text, flags):
        return error_cell(text, *flags)
    match kind:
        case "float" | "currency":
            return _number_cell(attribute(item, "value") or "", shown_as, flags)
        case "percentage":
            percent = shown_as if shown_as.kind is FormatKind.PERCENT else _PERCENT
            return _number_cell(attribute(item, "value") or "", percent, flags)
        case "boolean":
            return bool_cell(attribute(item, "boolean-value") == "true", *flags)
        case "date":
            return with_date_format(iso_cell(attribute(item, "date-value") or text, FormatKind.NUMBER, flags), shown_as)
        case "time":
            return with_date_format(_time_cell(attribute(item, "time-value") or "", flags), shown_as)
        case "string":
            string_value = attribute(item, "string-value")
            return with_text_format(text_or_error_cell(text if string_value is None else string_value, *flags), shown_as)
    if flags:
        return Cell("", CellKind.TEXT, ("formula", "formula_without_value"))
    return text_or_error_cell(text) if text else None


def _number_cell(raw: str, shown_as: NumberFormat, flags: tuple[str, ...]) -> Cell:
    return formatted_cell(raw, shown_as, since_1904=False, flags=flags) or number_cell(raw, *flags)


def _is_error(item: Any, text: str, flags: tuple[str, ...]) -> bool:
    is_error_type = any(key.endswith("}value-type") and value == "error" for key, value in item.attrib.items())
    return is_error_type or (bool(flags) and _OWN_ERROR.fullmatch(text) is not None)


def _time_cell(raw: str, flags: tuple[str, ...]) -> Cell:
    """Builds the cell of `PT08H30M00S`: a time of day, or a duration from 24 hours on."""
    days = iso_duration_days(raw)
    if days is None:
        return text_or_error_cell(raw, *flags, "not_a_date")
    cell = duration_cell(days, *flags)
    return Cell(cell.text, CellKind.TIME, flags) if 0 <= days < 1 else cell


def _text_of(item: Any) -> str:
    """Returns the visible text of a cell: its paragraphs without comments, drawings and phonetic guides."""
    return "".join(text for text, _ in text_nodes(item))


def text_nodes(item: Any) -> Iterator[tuple[str, Any]]:
    """Yields the text nodes of that text, each with its enclosing element."""
    for number, paragraph in enumerate(item.iterchildren("{*}p", "{*}h")):
        if number:
            yield "\n", paragraph
        yield from _nodes_in(paragraph)


def _nodes_in(element: Any) -> Iterator[tuple[str, Any]]:
    yield element.text or "", element
    for child in element:
        name = child.tag.rpartition("}")[2]
        if name == "s":
            yield " " * min(repeat_count(child, "c", MAX_COLUMN), 1000), element
        elif name in _GAPS:
            yield _GAPS[name], element
        elif name not in _NOT_SHOWN_ELEMENTS:
            yield from _nodes_in(child)
        yield child.tail or "", element
