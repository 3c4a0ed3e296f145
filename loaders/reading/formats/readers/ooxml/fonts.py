"""Fonts in Office Open XML: strikethrough, superscript, subscript. Runs of a text and fonts of cells use the same elements."""

from __future__ import annotations

from typing import Any

from loaders.reading.model.rich_text import Font, Run, VerticalAlign

_OFF = {"0", "false", "False", "FALSE", "off", "none", "noStrike"}
_VERTICAL_ALIGNS = {"superscript": VerticalAlign.RAISED, "subscript": VerticalAlign.LOWERED}
_OF_CELL = Font()


def font_of(properties: Any) -> Font:
    """Reads a font, or the properties of a run.

    Missing properties are off. Only a run without any properties takes the font of the cell.
    """
    is_struck, vertical_align = False, VerticalAlign.BASELINE
    for child in properties:
        match child.tag.rpartition("}")[2]:
            case "strike" | "dstrike":
                is_struck = is_struck or child.get("val") not in _OFF
            case "vertAlign":
                vertical_align = _VERTICAL_ALIGNS.get(child.get("val", ""), VerticalAlign.BASELINE)
    return Font(is_struck, vertical_align)


def runs_of(item: Any) -> list[Run]:
    """Returns the runs of a string item, without phonetic guides."""
    runs = []
    for child in item:
        name = child.tag.rpartition("}")[2]
        if name == "t":
            runs.append(Run(child.text or ""))
        elif name == "r":
            properties = next(child.iterchildren("{*}rPr"), None)
            font = _OF_CELL if properties is None else font_of(properties)
            runs.extend(Run(text.text or "", font) for text in child.iterchildren("{*}t"))
    return runs
