"""A zip package of XML parts, opened with its size measured first: what it would unpack to decides whether it is read at all."""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from lxml import etree

from loaders.reading.model.refusals import encrypted_document, too_large

MAX_UNPACKED_BYTES = 400 * 1024 * 1024
MAX_MEMBERS = 10_000
CORRUPTION_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    etree.LxmlError,
    EOFError,
    LookupError,
    ValueError,
    ArithmeticError,
    NotImplementedError,
    RecursionError,
    OSError,
)
"""What comes out of zip, XML and numbers when a package is damaged."""

_SMALL_PART_BYTES = 1024 * 1024
_SAFE: dict[str, Any] = {"resolve_entities": False, "no_network": True, "remove_comments": True, "remove_pis": True}


class OpcPackage:
    """The members of a zip file, found whatever the case of their names."""

    def __init__(self, source: Path | BinaryIO) -> None:
        """Open the package.

        Raises:
            Refusal: it would unpack to more than may be read, or its members are encrypted.
            zipfile.BadZipFile: it is no zip file.
        """
        self._zip = zipfile.ZipFile(source)
        members = self._zip.infolist()
        unpacked = sum(member.file_size for member in members)
        if unpacked > MAX_UNPACKED_BYTES or len(members) > MAX_MEMBERS:
            self._zip.close()
            raise too_large(f"{unpacked // 1024**2} MB in {len(members)} parts", f"{MAX_UNPACKED_BYTES // 1024**2} MB")
        if any(member.flag_bits & 1 for member in members):
            self._zip.close()
            raise encrypted_document("the parts of the zip package are encrypted")
        self._names = {member.filename.replace("\\", "/").lstrip("/").lower(): member for member in members}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._zip.close()

    def has(self, name: str) -> bool:
        """Whether there is a member of this name."""
        return name.lower() in self._names

    def bytes(self, name: str) -> bytes:
        """The content of a member.

        Raises:
            KeyError: there is no such member.
        """
        return self._zip.read(self._names[name.lower()])

    def main_part(self, default: str) -> str:
        """The part that the package is about; `default` where it does not say.

        Raises:
            KeyError: there is none.
        """
        for kind, target in self.related("").values():
            if kind == "officeDocument" and self.has(target):
                return target
        if not self.has(default):
            raise KeyError(f"no workbook inside the package ({default})")
        return default

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """Relationship id -> (kind, target part) of a part; those that lead out of the package are left out."""
        folder, name = posixpath.split(part)
        rels = posixpath.join(folder, "_rels", f"{name}.rels")
        if not self.has(rels):
            return {}
        found = {}
        for relation in self.tree(rels).iter("{*}Relationship"):
            if relation.get("TargetMode") != "External":
                target = relation.get("Target", "").replace("\\", "/")
                path = posixpath.normpath(target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target))
                found[relation.get("Id", "")] = (relation.get("Type", "").rpartition("/")[2], path)
        return found

    def tree(self, name: str) -> Any:
        """The XML tree of a small member.

        Raises:
            ValueError: it declares a document type, and with it entities; no spreadsheet program writes one.
        """
        root = etree.fromstring(self.bytes(name), etree.XMLParser(**_SAFE))
        _refuse_document_type(root, name)
        return root

    def stream(self, name: str, tags: tuple[str, ...]) -> Iterator[Any]:
        """The elements of these names in a member, one after another; each is forgotten once the next is asked for.

        Raises:
            ValueError: the member declares a document type.
        """
        if self._names[name.lower()].file_size <= _SMALL_PART_BYTES:
            yield from self.tree(name).iter(*tags)
            return
        with self._zip.open(self._names[name.lower()]) as member:
            first = True
            for _, element in etree.iterparse(member, events=("end",), tag=tags, **_SAFE):
                if first:
                    _refuse_document_type(element, name)
                    first = False
                yield element
                element.clear()
                parent = element.getparent()
                while parent is not None and element.getprevious() is not None:
                    del parent[0]


def part_of_kind(parts: Mapping[str, tuple[str, str]], kind: str) -> str | None:
    """The first part of a kind among the related ones."""
    return next((target for found, target in parts.values() if found == kind), None)


def _refuse_document_type(element: Any, name: str) -> None:
    if element.getroottree().docinfo.internalDTD is not None:
        raise ValueError(f"the part {name} declares a document type")
