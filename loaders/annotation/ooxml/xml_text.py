"""Texts as Office Open XML can hold them."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

# Characters that XML cannot hold: `\x00`, `\x0b`, a lone surrogate.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# `_x000D_`, which a spreadsheet program would decode.
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_MOST_CHARACTERS = 32_000


def cell_text(text: str) -> str:
    """Returns a text as a cell or a note can hold it: without forbidden characters, its escapes escaped, of limited length."""
    return _ESCAPE.sub("_x005F_", allowed_text(text))


def allowed_text(text: str) -> str:
    """Returns a text of limited length with line breaks of one kind and without the characters that XML forbids."""
    return _FORBIDDEN.sub("", text.replace("\r\n", "\n"))[:_MOST_CHARACTERS]


def local_name(element: Any) -> str:
    """Returns the name of an element without its namespace; empty for a comment."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def namespace_of(element: Any) -> str:
    """Returns the namespace of an element; empty without one."""
    return element.tag[1:].partition("}")[0] if element.tag.startswith("{") else ""


def child(parent: Any, name: str) -> Any:
    """Returns the first child of this name in any namespace; None without one."""
    return next(parent.iterchildren(f"{{*}}{name}"), None)


def required_child(parent: Any, name: str) -> Any:
    """Returns the first child of this name.

    Raises:
        ValueError: there is none.
    """
    found = child(parent, name)
    if found is None:
        raise ValueError(f"{local_name(parent)} without {name}")
    return found


def new_element(beside: Any, name: str, /, **attributes: str) -> Any:
    """Makes an element in the namespace of another one."""
    space = namespace_of(beside)
    return etree.Element(f"{{{space}}}{name}" if space else name, attributes, nsmap={None: space} if space else None)


def insert_ordered(parent: Any, element: Any, followers: frozenset[str]) -> None:
    """Inserts a child before the first one that the schema puts after it, also where that is wrapped for compatibility."""
    for position, other in enumerate(parent):
        name = local_name(other)
        is_wrapped = name == "AlternateContent" and any(local_name(inner) in followers for inner in other.iter())
        if name in followers or is_wrapped:
            parent.insert(position, element)
            return
    parent.append(element)
