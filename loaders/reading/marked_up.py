"""Marks in HTML, and in the HTML inside XML spreadsheets: struck-out elements, superscripts and subscripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from loaders.reading.rich_text import Font, Height, Run

_STRUCK_TAGS = {"s", "strike", "del"}
_HEIGHTS = {"sup": Height.RAISED, "sub": Height.LOWERED, "super": Height.RAISED}
_LINE_THROUGH = re.compile(r"text-decoration(?:-line)?\s*:[^;]*line-through", re.IGNORECASE)
_VERTICAL = re.compile(r"vertical-align\s*:\s*(super|sub)\b", re.IGNORECASE)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_CLASS = re.compile(r"(?:[a-z]+)?\.([\w-]+)\s*\Z", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)


MAY_MARK = re.compile(r"<(?:s|strike|del|sup|sub)\b|line-through|vertical-align\s*:\s*su[pb]", re.IGNORECASE)
"""What is in every page that marks anything."""


@dataclass(frozen=True, slots=True)
class Marking:
    """What marks the text below an element: nothing inside takes a line through it away; a height holds until another one."""

    is_struck: bool = False
    height: Height = Height.LINE

    @property
    def font(self) -> Font:
        """The same as a font."""
        return Font(self.is_struck, self.height)


class StyleSheet:
    """Which classes of a page strike text out or raise it. Spreadsheet programs give each style of cells a class."""

    def __init__(self, root: Any) -> None:
        self._styles: dict[str, str] = {}
        for element in root.iter("style"):
            text = _COMMENT.sub("", element.text or "")
            if _LINE_THROUGH.search(text) or _VERTICAL.search(text):
                self._take(text)

    def marking(self, element: Any, outside: Marking) -> Marking:
        """What marks the text of an element, by its name, its style and its classes."""
        tag = element.tag if isinstance(element.tag, str) else ""
        is_struck = outside.is_struck or tag in _STRUCK_TAGS
        height = _HEIGHTS.get(tag, outside.height)
        said = self._said(element)
        if not said:
            return outside if (is_struck, height) == (outside.is_struck, outside.height) else Marking(is_struck, height)
        vertical = _VERTICAL.search(said)
        is_struck = is_struck or _LINE_THROUGH.search(said) is not None
        return Marking(is_struck, _HEIGHTS[vertical[1].lower()] if vertical else height)

    def _said(self, element: Any) -> str:
        own = element.get("style") or ""
        names = element.get("class") if self._styles else None
        return own if not names else ";".join([*(self._styles.get(name, "") for name in names.split()), own])

    def _take(self, text: str) -> None:
        for selectors, said in _RULE.findall(text):
            for selector in selectors.split(","):
                name = _CLASS.match(selector.strip())
                if name:
                    self._styles[name[1]] = f"{self._styles.get(name[1], '')};{said}"


def marked_up_runs(element: Any, font: Font = Font()) -> Iterator[Run]:  # noqa: B008 - a value
    """The runs of an element of an XML spreadsheet (`4<Sup>1</Sup>`, `<S>1</S>2`); text without marks takes the cell's font."""
    if element.text:
        yield Run(element.text, font)
    for child in element:
        tag = child.tag.rpartition("}")[2].lower()
        is_struck = True if tag in _STRUCK_TAGS else font.is_struck
        yield from marked_up_runs(child, Font(is_struck, _HEIGHTS.get(tag, font.height)))
        if child.tail:
            yield Run(child.tail, font)
