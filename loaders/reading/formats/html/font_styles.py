"""Marks in HTML, and in the HTML inside XML spreadsheets: struck-out elements, superscripts and subscripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from loaders.reading.model.rich_text import Font, Run, VerticalAlign

_STRUCK_TAGS = {"s", "strike", "del"}
_VERTICAL_ALIGNS = {"sup": VerticalAlign.RAISED, "sub": VerticalAlign.LOWERED, "super": VerticalAlign.RAISED}
_LINE_THROUGH = re.compile(r"text-decoration(?:-line)?\s*:[^;]*line-through", re.IGNORECASE)
_VERTICAL = re.compile(r"vertical-align\s*:\s*(super|sub)\b", re.IGNORECASE)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_CLASS = re.compile(r"(?:[a-z]+)?\.([\w-]+)\s*\Z", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)


MAY_HAVE_FONT_STYLES = re.compile(r"<(?:s|strike|del|sup|sub)\b|line-through|vertical-align\s*:\s*su[pb]", re.IGNORECASE)
"""What is in every page that marks anything."""


@dataclass(frozen=True, slots=True)
class FontStyle:
    """What marks the text below an element: nothing inside takes a line through it away; a height holds until another one."""

    is_struck: bool = False
    vertical_align: VerticalAlign = VerticalAlign.BASELINE

    @property
    def font(self) -> Font:
        """The same as a font."""
        return Font(self.is_struck, self.vertical_align)


class StyleSheet:
    """Which classes of a page strike text out or raise it. Spreadsheet programs give each style of cells a class."""

    def __init__(self, root: Any) -> None:
        self._styles: dict[str, str] = {}
        for element in root.iter("style"):
            text = _COMMENT.sub("", element.text or "")
            if _LINE_THROUGH.search(text) or _VERTICAL.search(text):
                self._collect(text)

    def font_style(self, element: Any, inherited: FontStyle) -> FontStyle:
        """What marks the text of an element, by its name, its style and its classes."""
        tag = element.tag if isinstance(element.tag, str) else ""
        is_struck = inherited.is_struck or tag in _STRUCK_TAGS
        vertical_align = _VERTICAL_ALIGNS.get(tag, inherited.vertical_align)
        style_text = self._style_text(element)
        if not style_text:
            return (
                inherited
                if (is_struck, vertical_align) == (inherited.is_struck, inherited.vertical_align)
                else FontStyle(is_struck, vertical_align)
            )
        vertical = _VERTICAL.search(style_text)
        is_struck = is_struck or _LINE_THROUGH.search(style_text) is not None
        return FontStyle(is_struck, _VERTICAL_ALIGNS[vertical[1].lower()] if vertical else vertical_align)

    def _style_text(self, element: Any) -> str:
        own = element.get("style") or ""
        names = element.get("class") if self._styles else None
        return own if not names else ";".join([*(self._styles.get(name, "") for name in names.split()), own])

    def _collect(self, text: str) -> None:
        for selectors, style_text in _RULE.findall(text):
            for selector in selectors.split(","):
                name = _CLASS.match(selector.strip())
                if name:
                    self._styles[name[1]] = f"{self._styles.get(name[1], '')};{style_text}"


def styled_runs(element: Any, font: Font = Font()) -> Iterator[Run]:  # noqa: B008 - a value
    """The runs of an element of an XML spreadsheet (`4<Sup>1</Sup>`, `<S>1</S>2`); text without marks takes the cell's font."""
    if element.text:
        yield Run(element.text, font)
    for child in element:
        tag = child.tag.rpartition("}")[2].lower()
        is_struck = True if tag in _STRUCK_TAGS else font.is_struck
        yield from styled_runs(child, Font(is_struck, _VERTICAL_ALIGNS.get(tag, font.vertical_align)))
        if child.tail:
            yield Run(child.tail, font)
