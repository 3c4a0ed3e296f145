"""A zip package, opened with its size measured first: what it would unpack to decides whether it is read at all."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lxml import etree

from loaders.reading.refusals import encrypted_document, too_large

MAX_UNPACKED_BYTES = 400 * 1024 * 1024
MAX_MEMBERS = 10_000


class Package:
    """The members of a zip file, found whatever the case of their names."""

    def __init__(self, path: Path) -> None:
        """Open the package.

        Raises:
            Refusal: it would unpack to more than may be read, or its members are encrypted.
            zipfile.BadZipFile: it is no zip file.
        """
        self._zip = zipfile.ZipFile(path)
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

    def names(self) -> list[str]:
        """The members' names, in lower case."""
        return list(self._names)

    def has(self, name: str) -> bool:
        """Whether there is a member of this name."""
        return name.lower() in self._names

    def bytes(self, name: str) -> bytes:
        """The content of a member."""
        return self._zip.read(self._names[name.lower()])

    def tree(self, name: str) -> Any:
        """The XML tree of a small member."""
        return etree.fromstring(self.bytes(name), _parser())

    def stream(self, name: str, tags: tuple[str, ...]) -> Iterator[Any]:
        """The elements of these names in a member, one after another; each is forgotten once the next is asked for."""
        with self._zip.open(self._names[name.lower()]) as member:
            for _, element in etree.iterparse(member, events=("end",), tag=tags, resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True):
                yield element
                element.clear()
                parent = element.getparent()
                while parent is not None and element.getprevious() is not None:
                    del parent[0]


def _parser() -> Any:
    return etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
