"""The landing's files, copied to a place and back. Names never change their bytes, so that each is copied once."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from loaders.backup.manifest import OBJECTS, RECORDS
from loaders.backup.place import CHUNK_BYTES, BackupError, BackupPlace
from loaders.landing.records import ARRIVALS, DECISIONS

_SHA256 = re.compile(r"[0-9a-f]{64}")


def landed_names(landing: Path) -> dict[str, Path]:
    """Returns the files of a landing by the names that they have at a place: bytes by their hash, records by their own name."""
    found: dict[str, Path] = {}
    for path in landing.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
        if _SHA256.fullmatch(path.name):
            found[f"{OBJECTS}/{path.relative_to(landing).as_posix()}"] = path
    for kind in (ARRIVALS, DECISIONS):
        for path in (landing / kind).glob("*/*.json"):
            found[f"{RECORDS}/{path.relative_to(landing).as_posix()}"] = path
    return found


def landing_path(landing: Path, name: str) -> Path:
    """Returns where a file belongs in a landing, by its name at a place."""
    return landing / name.partition("/")[2]


def copy_missing(place: BackupPlace, files: Mapping[str, Path]) -> tuple[int, int]:
    """Copies the files that a place has not, or not whole.

    Returns:
        How many were copied, and their bytes.

    Raises:
        BackupError: a landed file does not hold the bytes that its name says; nothing of it is copied.
    """
    known = {**place.sizes(OBJECTS), **place.sizes(RECORDS)}
    copied, size = 0, 0
    for name, path in sorted(files.items()):
        here = path.stat().st_size
        if known.get(name) == here:
            continue
        with path.open("rb") as file:
            place.write(name, _checked(name, file))
        copied, size = copied + 1, size + here
    return copied, size


def fetch_file(place: BackupPlace, name: str) -> Iterator[bytes]:
    """Yields the bytes of a file at a place.

    Raises:
        BackupError: they are not those that its name says.
    """
    with place.reading(name) as file:
        yield from _checked(name, file)


def compress_names(names: Iterable[str]) -> bytes:
    """Returns a list of names as a file; the same names, the same bytes."""
    return gzip.compress("".join(f"{name}\n" for name in sorted(names)).encode(), mtime=0)


def expand_names(content: bytes) -> list[str]:
    """Returns the names of a list."""
    return gzip.decompress(content).decode().splitlines()


def _checked(name: str, file: BinaryIO) -> Iterator[bytes]:
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK_BYTES):
        digest.update(chunk)
        yield chunk
    expected = name.rpartition("/")[2]
    if name.startswith(f"{OBJECTS}/") and digest.hexdigest() != expected:
        raise BackupError(
            f"expected the bytes with SHA-256 {expected}, found {digest.hexdigest()}: `huimin verify landing` says more"
        )
