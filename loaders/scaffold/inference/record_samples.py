"""Samples of an API's answer: a JSON array, a JSON object with a list in it, or XML, as JSON lines that the reader knows.

A sample lies on the machine of who writes the contract. It is parsed here and not in a worker process; its size is limited, and
XML is parsed without entities, external definitions and network.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

_MOST_BYTES = 64 * 1024 * 1024
_DEEPEST = 8

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RecordSample:
    """The records of an answer: `kind` is json or xml, `path` leads to their list (`data.list`; empty: the answer is one).

    Fields of an object in a record are its own, as `address.city`. `nested` are the fields that hold lists; they are left out.
    """

    kind: str
    path: str
    records: tuple[Record, ...]
    nested: tuple[str, ...]

    def write(self, path: Path) -> None:
        """Writes the records as JSON lines."""
        path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in self.records), encoding="utf-8")


def record_sample(path: Path) -> RecordSample | None:
    """Returns the records of a JSON or XML document; None for every other format, JSON lines and workbooks in XML included."""
    from loaders.reading.formats.detect import detect, text_of_head
    from loaders.reading.formats.registry import HTML

    found = detect(path)
    # XML with an element `head` looks like a web page.
    if path.stat().st_size > _MOST_BYTES or (found.contract_kind == "workbook" and found is not HTML):
        return None
    content = path.read_bytes()
    text = (text_of_head(content) or "").lstrip("\ufeff \t\r\n")
    if text.startswith("<"):
        return _of_xml(content)
    return _of_json(text) if text.startswith(("[", "{")) else None


def _of_json(text: str) -> RecordSample | None:
    try:
        # Numbers stay texts: a float would round them, and zeros before a code would be lost.
        value = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None
    lists = list(_lists_of_records(value, ""))
    if lists:
        path, records = max(lists, key=lambda found: len(found[1]))
        return _sample("json", path, records)
    # One record over several lines. In one line it is JSON lines already.
    return _sample("json", "", [value]) if isinstance(value, dict) and value and "\n" in text.strip() else None


def _lists_of_records(value: Any, path: str, depth: int = 0) -> Iterator[tuple[str, list[Record]]]:
    """Yields the lists of objects with their paths, outer ones first. Lists within records are no lists of records."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        if value and all(isinstance(one, dict) for one in value):
            yield path, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _lists_of_records(inner, f"{path}.{name}" if path else name, depth + 1)


def _of_xml(content: bytes) -> RecordSample | None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        return None
    if any(_name(element.tag).lower() in {"html", "table"} for element in root.iter(etree.Element)):
        return None
    best: tuple[int, str, list[Any]] = (0, "", [])
    for element in root.iter(etree.Element):
        children = [child for child in element if isinstance(child.tag, str)]
        for tag, count in Counter(child.tag for child in children).items():
            rows = [child for child in children if child.tag == tag]
            if count > best[0] and any(len(row) or row.attrib for row in rows):
                best = (count, f"{_path(element)}.{_name(tag)}", rows)
    return _sample("xml", best[1], [_record_of(row) for row in best[2]]) if best[2] else None


def _path(element: Any) -> str:
    return ".".join(reversed([_name(element.tag), *(_name(one.tag) for one in element.iterancestors())]))


def _name(tag: str) -> str:
    return str(etree.QName(tag).localname)


def _record_of(element: Any) -> Record:
    record: Record = {f"@{etree.QName(name).localname}": value for name, value in element.attrib.items()}
    for child in element:
        if isinstance(child.tag, str):
            value = _record_of(child) if len(child) else (child.text or "").strip() or None
            # What occurs several times is a list.
            record[_name(child.tag)] = [] if _name(child.tag) in record else value
    return record


def _sample(kind: str, path: str, records: list[Record]) -> RecordSample | None:
    whole = [dict(_fields(record, "")) for record in records]
    nested = dict.fromkeys(name for record in whole for name, value in record.items() if isinstance(value, list | dict))
    flat = tuple({name: value for name, value in record.items() if name not in nested} for record in whole)
    return RecordSample(kind, path, flat, tuple(nested)) if any(flat) else None


def _fields(record: Record, above: str) -> Iterator[tuple[str, Any]]:
    """Yields the fields of a record, and those of objects in it as `address.city`. An empty object tells no field."""
    for name, value in record.items():
        if isinstance(value, dict):
            yield from _fields(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value
