"""Upload conventions: a file is complete by a marker beside it, by a manifest that lists it, or by its final name."""

from __future__ import annotations

import csv
import hashlib
import logging
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from io import RawIOBase
from pathlib import PurePosixPath
from typing import BinaryIO, Literal, Protocol

from loaders.contract import Manifest, Marker
from loaders.sources.errors import DocumentError
from loaders.sources.remote_files import RemoteFile

_LARGEST_MANIFEST = 4 * 1024**2
_HEADINGS = {
    "name": "name",
    "文件名": "name",
    "size": "size",
    "大小": "size",
    "字节数": "size",
    "sha256": "sha256",
    "sha-256": "sha256",
}
_SHA256 = re.compile(r"[0-9a-f]{64}")
_log = logging.getLogger(__name__)

Read = Callable[[RemoteFile], bytes]


class Completeness(Protocol):
    """One convention. `listed` are all files below the contract's folder, by their path there."""

    def is_companion(self, path: str) -> bool:
        """Returns whether a file is no document but part of the convention."""

    def incomplete(self, listed: Mapping[str, RemoteFile], paths: Collection[str], read: Read) -> set[str]:
        """Returns the files that are not declared complete."""

    def verify_checksum(self, connection: str, path: str, sha256: str) -> None:
        """Refuses a file whose bytes are not the declared ones.

        Raises:
            DocumentError: they are not.
        """


def completeness(convention: Literal["renamed"] | Marker | Manifest | None) -> Completeness | None:
    """Returns the convention that a contract names; None where only time decides."""
    match convention:
        case None:
            return None
        case Marker():
            return _ByMarker(convention.marker)
        case Manifest():
            return _ByManifest(convention.manifest)
        case _:
            return _ByName()


class HashingWriter(RawIOBase):
    """A write-only file that hashes the bytes and passes them on."""

    def __init__(self, target: BinaryIO) -> None:
        super().__init__()
        self._target = target
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """Returns the hash of the bytes so far."""
        return self._digest.hexdigest()

    def writable(self) -> bool:
        """Returns true."""
        return True

    def write(self, data: bytes | bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Hashes the bytes and passes them on."""
        self._digest.update(data)
        return self._target.write(data)


class _ByName:
    """The name convention: an upload has another name until it ends, so every name that matches is complete."""

    def is_companion(self, path: str) -> bool:  # noqa: ARG002
        return False

    def incomplete(self, listed: Mapping[str, RemoteFile], paths: Collection[str], read: Read) -> set[str]:  # noqa: ARG002
        return set()

    def verify_checksum(self, connection: str, path: str, sha256: str) -> None:
        pass


class _ByMarker(_ByName):
    """The marker convention: the marker must not be older than its file, because an earlier upload may have left it."""

    def __init__(self, marker: str) -> None:
        self._marker = marker
        parts = re.split(r"\{name\}|\{stem\}", marker)
        self._companion = re.compile("[^/]+".join(map(re.escape, parts)))

    def is_companion(self, path: str) -> bool:
        folders = len(PurePosixPath(self._marker).parts)
        return self._companion.fullmatch("/".join(PurePosixPath(path).parts[-folders:])) is not None

    def incomplete(self, listed: Mapping[str, RemoteFile], paths: Collection[str], read: Read) -> set[str]:  # noqa: ARG002
        return {path for path in paths if not self._has_current_marker(path, listed)}

    def _has_current_marker(self, path: str, listed: Mapping[str, RemoteFile]) -> bool:
        file, place = listed[path], PurePosixPath(path)
        marker = listed.get(str(place.parent / self._marker.replace("{name}", place.name).replace("{stem}", place.stem)))
        if marker is not None and marker.modified_at < file.modified_at:
            _log.warning("%s is newer than its marker %s and waits for a new one", file.path, marker.path)
        return marker is not None and marker.modified_at >= file.modified_at


@dataclass(frozen=True, slots=True)
class _Entry:
    size: int
    sha256: str | None


class _ByManifest(_ByName):
    """The manifest convention: a list in the folder of the documents with name, size and optional SHA-256 of complete files."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._entries: dict[str, _Entry] = {}

    def is_companion(self, path: str) -> bool:
        return PurePosixPath(path).name == self._name

    def incomplete(self, listed: Mapping[str, RemoteFile], paths: Collection[str], read: Read) -> set[str]:
        self._entries = {}
        for folder in sorted({str(PurePosixPath(path).parent) for path in paths}):
            manifest = listed.get(str(PurePosixPath(folder) / self._name))
            if manifest is not None:
                self._entries |= {str(PurePosixPath(folder) / name): entry for name, entry in _entries(manifest, read)}
        return {path for path in paths if path not in self._entries or self._entries[path].size != listed[path].size}

    def verify_checksum(self, connection: str, path: str, sha256: str) -> None:
        entry = self._entries.get(path)
        if entry is not None and entry.sha256 is not None and entry.sha256 != sha256:
            raise DocumentError(
                connection,
                f"{path}: the manifest lists SHA-256 {entry.sha256}, its bytes have {sha256}",
                next_step="upload it again, or correct the manifest",
            )


def _entries(manifest: RemoteFile, read: Read) -> Iterator[tuple[str, _Entry]]:
    """Returns the entries of a manifest; an unreadable one has none, and its files wait."""
    if manifest.size > _LARGEST_MANIFEST:
        _log.warning("manifest %s is larger than %s bytes and is not read", manifest.path, _LARGEST_MANIFEST)
        return
    lines = [line for line in csv.reader(_decoded(read(manifest)).splitlines()) if any(line)]
    columns = {_HEADINGS.get(word.strip().lower()): place for place, word in enumerate(lines[0])} if lines else {}
    if not {"name", "size"} <= columns.keys():
        _log.warning("manifest %s: expected a first line with name,size (and sha256), found %s", manifest.path, lines[:1])
        return
    for line in lines[1:]:
        found = {name: line[place].strip() for name, place in columns.items() if name is not None and place < len(line)}
        sha256 = found.get("sha256", "").lower()
        if not found.get("size", "").isdecimal() or (sha256 and _SHA256.fullmatch(sha256) is None):
            _log.warning("manifest %s: a line is not understood and left out: %s", manifest.path, line)
            continue
        yield found["name"], _Entry(int(found["size"]), sha256 or None)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", "replace")
