"""Records by path, from XML or from the JSON that an answer embeds. Every text stays as it came."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from lxml import etree

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"

Record = dict[str, Any]


class RecordsError(LookupError):
    """No records are at a path; the message says what is there, by names alone."""


def elements_at(root: etree._Element, path: str) -> list[etree._Element]:
    """Returns all elements at a path below `root`, by names without namespaces; `$` is the root itself.

    Raises:
        RecordsError: a step before the last one leads nowhere, or elements that could be records have another name.
    """
    found = [root]
    steps = path.split(".") if path != "$" else []
    for number, name in enumerate(steps):
        below = [child for element in found for child in element if _name(child) == name]
        if not below and (number < len(steps) - 1 or _has_other_records(found)):
            raise RecordsError(f'nothing at "{path}": {".".join(steps[:number]) or _name(root)} holds {_described(found)}')
        found = below
    return found


def text_at(root: etree._Element, path: str) -> str | None:
    """Returns the text of the first element at a path; None when there is none."""
    try:
        found = elements_at(root, path)
    except RecordsError:
        return None
    return (found[0].text or "") if found else None


def record_of(element: etree._Element) -> Record:
    """Returns the fields of a record.

    An element in an element is `part.name`, an attribute `@name`; of several elements with one name the field is a list. An
    element that says `xsi:nil` is null.
    """
    record: Record = {}
    for name, value in _fields(element, ""):
        if name in record:
            before = record[name]
            record[name] = [*before, value] if isinstance(before, list) else [before, value]
        else:
            record[name] = value
    return record


def json_records_at(content: Any, path: str) -> list[Record]:
    """Returns the list of objects at a path of JSON content.

    Raises:
        RecordsError: there is something else.
    """
    value = content
    for name in path.split(".") if path != "$" else ():
        if not isinstance(value, dict) or name not in value:
            holds = f"the keys {', '.join(sorted(value)[:20])}" if isinstance(value, dict) else f"a {type(value).__name__}"
            raise RecordsError(f'nothing at "{path}": "{name}" is missing among {holds}')
        value = value[name]
    if not isinstance(value, list) or not all(isinstance(record, dict) for record in value):
        raise RecordsError(f'a {type(value).__name__} at "{path}", expected a list of objects')
    return value


def parse_json(text: str) -> Any:
    """Returns JSON content whose decimal numbers are texts, digit by digit as they came.

    Raises:
        ValueError: it is no JSON, or holds half of a character.
    """
    content = json.loads(text, parse_float=str, parse_constant=str)
    json.dumps(content, ensure_ascii=False).encode()
    return content


def _fields(element: etree._Element, prefix: str) -> Iterator[tuple[str, str | None]]:
    for name, value in element.attrib.items():
        if name != _NIL:
            yield f"{prefix}@{etree.QName(name).localname}", str(value)
    for child in element:
        name = f"{prefix}{_name(child)}"
        if child.get(_NIL) in {"true", "1"}:
            yield name, None
        elif len(child):
            yield from _fields(child, f"{name}.")
        else:
            yield name, child.text or ""
            yield from _fields(child, f"{name}.")


def _has_other_records(parents: list[etree._Element]) -> bool:
    """Returns whether an element below is made of elements itself, as records are and codes and totals are not."""
    return any(len(child) > 0 for parent in parents for child in parent)


def _described(elements: list[etree._Element]) -> str:
    names = sorted({_name(child) for element in elements for child in element})
    return f"the elements {', '.join(names[:20])}" if names else "no elements"


def _name(element: etree._Element) -> str:
    return str(etree.QName(element).localname)
