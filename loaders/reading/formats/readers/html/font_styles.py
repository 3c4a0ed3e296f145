"""Font styles in HTML, and in the HTML inside XML spreadsheets: strikethrough, superscript and subscript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from loaders.reading.model.rich_text import Font, Run, VerticalAlign

_STRUCK_TAGS = {"s", "strike", "del"}
_VERTICAL_ALIGNS = {"sup": VerticalAlign.RAISED, "sub": VerticalAlign.LOWERED, "super": VerticalAlign.RAISED}
# `text-decoration:line-through`
_LINE_THROUGH = re.compile(r"text-decoration(?:-line)?\s*:[^;]*line-through", re.IGNORECASE)
# `vertical-align:super`
_VERTICAL = re.compile(r"vertical-align\s*:\s*(super|sub)\b", re.IGNORECASE)
# `.xl65 {color:red}`: selectors and declarations
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
# `td.xl65`, `.xl65`
_CLASS = re.compile(r"(?:[a-z]+)?\.([\w-]+)\s*\Z", re.IGNORECASE)
# `/* … */`; `<!--` and `-->` around a style sheet
_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)


MAY_HAVE_FONT_STYLES = re.compile(r"<(?:s|strike|del|sup|sub)\b|line-through|vertical-align\s*:\s*su[pb]", re.IGNORECASE)
"""Matches every page that may have font styles: `<s>`, `<sup>`, `text-decoration:line-through`."""


@dataclass(frozen=True, slots=True)
class FontStyle:
    """Font style that an element passes on to its content.

    A strikethrough cannot be removed by an inner element. A vertical alignment applies until an inner element sets another one.
    """

    is_struck: bool = False
    vertical_align: VerticalAlign = VerticalAlign.BASELINE

    @property
    def font(self) -> Font:
        """Returns the style as a font."""
        return Font(self.is_struck, self.vertical_align)


class StyleSheet:
    """Style sheet of a page: which classes strike text out or raise it. Spreadsheet programs write one class per cell style."""

    def __init__(self, root: Any) -> None:
        self._styles: dict[str, str] = {}
        for element in root.iter("style"):
            text = _COMMENT.sub("", element.text or "")
            if _LINE_THROUGH.search(text) or _VERTICAL.search(text):
                self._collect(text)

    def font_style(self, element: Any, inherited: FontStyle) -> FontStyle:
        """Returns the font style of an element, from its tag, its style attribute and its classes."""
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
    """Yields the runs of an element of an XML spreadsheet (`4<Sup>1</Sup>`, `<S>1</S>2`). Unstyled text takes the cell's font."""
    if element.text:
        yield Run(element.text, font)
    for child in element:
        tag = child.tag.rpartition("}")[2].lower()
        is_struck = True if tag in _STRUCK_TAGS else font.is_struck
        yield from styled_runs(child, Font(is_struck, _VERTICAL_ALIGNS.get(tag, font.vertical_align)))
        if child.tail:
            yield Run(child.tail, font)
