"""The landing's files, copied to a place and back. Names never change their bytes, so that each is copied once."""

from __future__ import annotations

import gzip
import hashlib
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import BinaryIO

from loaders.backup.manifest import OBJECTS, RECORDS
from loaders.backup.place import CHUNK_BYTES, BackupError, BackupPlace
from loaders.landing import LandingStore
from loaders.landing.landed_files import MIN_FREE_BYTES
from loaders.landing.records import is_record_name

# ab/cd/abcd… with 64 digits
_LANDED = re.compile(r"([0-9a-f]{2})/([0-9a-f]{2})/\1\2[0-9a-f]{60}")
_MOST_AT_ONCE = 64


def landed_names(sizes: Mapping[str, int]) -> dict[str, int]:
    """Returns the files of a landing with their sizes by the names that they have at a place: bytes by their hash, records."""
    found: dict[str, int] = {}
    for name, size in sizes.items():
        if _LANDED.fullmatch(name):
            found[f"{OBJECTS}/{name}"] = size
        elif is_record_name(name) and name.endswith(".json"):
            found[f"{RECORDS}/{name}"] = size
    return found


def landing_name(name: str) -> str:
    """Returns the name of a file in a landing, by its name at a place."""
    return name.partition("/")[2]


def copy_missing(place: BackupPlace, landing: LandingStore, files: Mapping[str, int]) -> tuple[int, int]:
    """Copies the files that a place has not, or not whole.

    Returns:
        How many were copied, and their bytes.

    Raises:
        BackupError: a landed file does not hold the bytes that its name says; nothing of it is copied.
    """
    known = {**place.sizes(OBJECTS), **place.sizes(RECORDS)}
    missing = [(name, size) for name, size in sorted(files.items()) if known.get(name) != size]
    for name, _ in missing:
        with landing.reading(landing_name(name)) as file:
            place.write(name, _checked(name, file))
    return len(missing), sum(size for _, size in missing)


def restore_missing(place: BackupPlace, landing: LandingStore, names: Sequence[str]) -> int:
    """Writes the files of a backup that a landing has not. Returns how many were written.

    Raises:
        BackupError: a file at the place does not hold the bytes that its name says.
    """
    known = landing.sizes()
    missing = [name for name in names if landing_name(name) not in known]
    landed = [name for name in missing if name.startswith(f"{OBJECTS}/")]
    records = [name for name in missing if not name.startswith(f"{OBJECTS}/")]
    for some in _some(landed):
        with landing.batch(max_bytes=sys.maxsize, min_free_bytes=MIN_FREE_BYTES) as batch:
            for name in some:
                batch.add(partial(_write_all, fetch_file(place, name)))
            batch.flush()
    for some in _some(records):
        landing.write_all({landing_name(name): b"".join(fetch_file(place, name)) for name in some}, overwrite=False)
    return len(missing)


def _write_all(chunks: Iterable[bytes], target: BinaryIO) -> None:
    for chunk in chunks:
        target.write(chunk)


def _some(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[start : start + _MOST_AT_ONCE] for start in range(0, len(names), _MOST_AT_ONCE))


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
