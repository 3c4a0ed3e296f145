"""OPC packages: zip files of XML parts. The unpacked size is checked before any part is read."""

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
"""Exceptions of zip, XML and number parsing for a corrupted package."""

_SMALL_PART_BYTES = 1024 * 1024
_SAFE: dict[str, Any] = {"resolve_entities": False, "no_network": True, "remove_comments": True, "remove_pis": True}


class OpcPackage:
    """Members of a zip file, looked up case-insensitively."""

    def __init__(self, source: Path | BinaryIO) -> None:
        """Opens the package.

        Raises:
            Refusal: the unpacked size exceeds the limit, or members are encrypted.
            zipfile.BadZipFile: the file is no zip file.
        """
        self._zip = zipfile.ZipFile(source)
        members = self._zip.infolist()
        unpacked = sum(member.file_size for member in members)
        if unpacked > MAX_UNPACKED_BYTES or len(members) > MAX_MEMBERS:
            self._zip.close()
            raise too_large(f"{unpacked // 1024**2} MB in {len(members)} parts", f"{MAX_UNPACKED_BYTES // 1024**2} MB")
        if any(member.flag_bits & 1 for member in members):
            self._zip.close()
            raise encrypted_document("password.zip")
        self._names = {member.filename.replace("\\", "/").lstrip("/").lower(): member for member in members}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._zip.close()

    def has(self, name: str) -> bool:
        """Checks whether a member exists."""
        return name.lower() in self._names

    def bytes(self, name: str) -> bytes:
        """Returns the content of a member.

        Raises:
            KeyError: the member does not exist.
        """
        return self._zip.read(self._names[name.lower()])

    def main_part(self, default: str) -> str:
        """Returns the main part of the package, or `default` if the package declares none.

        Raises:
            KeyError: the part does not exist.
        """
        for kind, target in self.related("").values():
            if kind == "officeDocument" and self.has(target):
                return target
        if not self.has(default):
            raise KeyError(f"no workbook inside the package ({default})")
        return default

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """Returns the relationships of a part as relationship id -> (kind, target part), without external targets."""
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
        """Parses the XML tree of a small member.

        Raises:
            ValueError: the member declares a document type, and with it entities. Spreadsheet programs never write one.
        """
        return parse_part(self.bytes(name), name)

    def stream(self, name: str, tags: tuple[str, ...]) -> Iterator[Any]:
        """Yields the elements with these tags from a member. Each element is freed when the next one is requested.

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


def parse_part(content: bytes, name: str) -> Any:
    """Parses the content of a small part. Raises what `OpcPackage.tree` raises."""
    root = etree.fromstring(content, etree.XMLParser(**_SAFE))
    _refuse_document_type(root, name)
    return root


def part_of_kind(parts: Mapping[str, tuple[str, str]], kind: str) -> str | None:
    """Returns the first related part of a kind."""
    return next((target for found, target in parts.values() if found == kind), None)


def _refuse_document_type(element: Any, name: str) -> None:
    if element.getroottree().docinfo.internalDTD is not None:
        raise ValueError(f"the part {name} declares a document type")
