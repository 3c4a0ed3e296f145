"""XML answers. Elements are named without their namespaces: `data.item` is every `item` in a `data` below the root.

A record is an element. Its fields are its attributes (`@id`), its child elements by name (`name`, `address.city`), and `$`, its
own text, where it has no children. A child that occurs several times is a list. Texts are as they are in the answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from lxml import etree

from loaders.contract.sources.answer_path import Step, path_steps
from loaders.sources.http.answers.tree import MISSING, AnswerMismatch, Record, shown_keys

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


class XmlAnswer:
    """One XML document.

    Raises:
        ValueError: it is no XML, or declares a document type, whose entities could stand for anything.
    """

    def __init__(self, body: bytes) -> None:
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, huge_tree=False
        )
        try:
            self._root = etree.fromstring(body, parser)
        except etree.XMLSyntaxError as error:
            raise ValueError("no XML") from error
        if self._root.getroottree().docinfo.doctype:
            raise ValueError("XML with a DOCTYPE")

    @classmethod
    def of(cls, root: etree._Element) -> XmlAnswer:
        """Returns the answer whose root is an element that was parsed before."""
        made = cls.__new__(cls)
        made._root = root
        return made

    def find(self, path: str) -> Any:
        """Returns the text of the first element or of the attribute at a path; None for an element that is nil."""
        *steps, last = path_steps(path) or ("",)
        if isinstance(last, str) and last.startswith("@"):
            owners = self._elements(tuple(steps))
            return _attributes(owners[0]).get(last, MISSING) if owners else MISSING
        elements = self._elements(path_steps(path))
        if not elements:
            return MISSING
        return None if _is_nil(elements[0]) else "".join(elements[0].itertext())

    def records(self, path: str) -> list[Record]:
        """Returns the elements at a path."""
        steps = path_steps(path)
        found = self._elements(steps)
        if not found and not self._is_empty(self._elements(steps[:-1])):
            raise AnswerMismatch(
                f"expected elements at `records: {path}`, found {self.keys()}", "change source.records to the repeated element"
            )
        return [_record(element) for element in found]

    def keys(self) -> str:
        """Returns the names of elements below the root, two levels deep."""
        children: dict[str, Any] = {}
        for child in self._root:
            inner = children.setdefault(_local_name(child), {})
            inner.update({_local_name(grandchild): "" for grandchild in child})
        return shown_keys({_local_name(self._root): ""} | children)

    def leaves(self) -> Iterator[tuple[str, str]]:
        """Yields path and text of each element that has no children, where every name on its path occurs once."""
        return _leaves(self._root, "")

    @staticmethod
    def _is_empty(parents: list[Any]) -> bool:
        """Returns whether all that is below are texts, as a total is, and no records under another name."""
        return bool(parents) and all(child.text and not len(child) for parent in parents for child in parent)

    def _elements(self, steps: tuple[Step, ...]) -> list[Any]:
        """Returns the elements at a path below the root. The root's own name may begin the path."""
        if steps and steps[0] == _local_name(self._root) and not _children([self._root], steps[0]):
            steps = steps[1:]
        found = [self._root]
        for step in steps:
            found = found[step : step + 1] if isinstance(step, int) else _children(found, step)
        return found


def _children(parents: list[Any], name: Step) -> list[Any]:
    return [child for parent in parents for child in parent if _local_name(child) == name]


def _local_name(element: Any) -> str:
    return str(etree.QName(element).localname)


def _is_nil(element: Any) -> bool:
    return element.get(_NIL) in {"true", "1"}


def _attributes(element: Any) -> dict[str, str]:
    return {f"@{etree.QName(name).localname}": str(value) for name, value in element.attrib.items() if name != _NIL}


def _record(element: Any) -> Record:
    fields: dict[str, Any] = {}
    for name, value in _fields(element, ""):
        if name in fields:
            earlier = fields[name]
            fields[name] = [*(earlier if isinstance(earlier, list) else [earlier]), value]
        else:
            fields[name] = value
    return Record(json.dumps(fields, ensure_ascii=False), fields)


def _fields(element: Any, above: str) -> Iterator[tuple[str, str | None]]:
    for name, value in _attributes(element).items():
        yield f"{above}{name}", value
    if not len(element):
        text = None if _is_nil(element) else "".join(element.itertext())
        if above:
            yield above.removesuffix("."), text
        elif text and text.strip():
            yield "$", text
    for child in element:
        yield from _fields(child, f"{above}{_local_name(child)}.")


def _leaves(element: Any, above: str) -> Iterator[tuple[str, str]]:
    names = [_local_name(child) for child in element]
    for child, name in zip(element, names, strict=True):
        if names.count(name) > 1:
            continue
        path = f"{above}.{name}" if above else name
        if len(child):
            yield from _leaves(child, path)
        else:
            yield path, (child.text or "").strip()
