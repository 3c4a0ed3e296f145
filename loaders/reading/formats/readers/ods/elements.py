"""Elements of OpenDocument XML: names and attributes without namespaces."""

from __future__ import annotations

from typing import Any


def local_name(element: Any) -> str:
    """Returns the name of an element without its namespace."""
    name: str = element.tag.rpartition("}")[2]
    return name


def attribute(element: Any, name: str) -> str | None:
    """Returns an attribute in any namespace. The office, table and calcext namespaces share no names that matter here."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), None)


def repeat_count(element: Any, name: str, limit: int) -> int:
    """Returns a repeat or span count of an element: 1 without the attribute, and at most `limit`."""
    text = attribute(element, name)
    return 1 if text is None else min(max(int(text), 1), limit)
