"""Writes members under limits, so that a small file cannot fill the disk, and checks their paths."""

from __future__ import annotations

import hashlib
import itertools
import re
import unicodedata
from collections import defaultdict
from pathlib import Path
from typing import BinaryIO

from loaders.reading.model.containers import Member

MAX_MEMBERS = 10_000
"""As many parts as a workbook may have; the fullest archives of offices have some hundreds of files."""
MAX_DEPTH = 3
"""Towns send a zip, the county packs the zips, the city packs those; archives that contain themselves have no end."""
MAX_MEMBER_BYTES = 1024**3
"""Twice the largest export that was seen."""
MAX_TOTAL_BYTES = 4 * 1024**3
"""What the landing takes as one document."""
MAX_RATIO = 200
"""Exports of equal rows shrink to a hundredth; deflate's limit, which bombs reach, is 1:1032."""
RATIO_COUNTS_FROM_BYTES = 64 * 1024**2
"""Below this size a ratio does no harm."""

_CHUNK = 1024**2
_LONGEST_PATH = 1024
_DRIVE = re.compile(r"[A-Za-z]:")
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})


class MemberError(Exception):
    """A member that cannot be had; `code` is that of a phrase."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class FolderError(Exception):
    """The folder cannot take a member: a matter of this machine, not of the container."""


class MemberFolder:
    """The folder into which one container is unpacked. Files have numbers as names: no path from outside is used on the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        self._total = 0
        self._seen = 0
        self._members: list[Member] = []

    def count(self) -> None:
        """Counts a member.

        Raises:
            MemberError: there are too many; nothing after it is read.
        """
        self._seen += 1
        if self._seen > MAX_MEMBERS:
            raise MemberError("member.too_many")

    def write(self, source: BinaryIO, packed_bytes: int) -> Path:
        """Copies a member into a file of its own. `packed_bytes` is its size in the container.

        Raises:
            MemberError: it is larger than the limits; no file is left.
            FolderError: the folder cannot take it.
        """
        path = self._folder / str(next(self._numbers))
        size = 0
        try:
            with path.open("xb") as target:
                while chunk := source.read(_CHUNK):
                    size += len(chunk)
                    self._check(size, packed_bytes)
                    _append(target, chunk)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        self._total += size
        return path

    def discard(self, path: Path) -> None:
        """Deletes a file that was only a step on the way, as a nested container is."""
        self._total -= path.stat().st_size
        path.unlink()

    def keep(self, member_path: str, file: Path) -> None:
        """Makes a file a member."""
        self._members.append(Member(member_path, file.name))

    def refuse(self, member_path: str, code: str) -> None:
        """Records that a member could not be had."""
        self._members.append(Member(member_path, error=code))

    def members(self) -> tuple[Member, ...]:
        """Returns the members, each path once. Different members of one path are refused: nobody can tell which one is meant."""
        by_path: dict[str, list[Member]] = defaultdict(list)
        for member in self._members:
            by_path[member.path].append(member)
        return tuple(self._only_one(same) for same in by_path.values())

    def _only_one(self, same: list[Member]) -> Member:
        files = [member.file for member in same]
        if len(same) == 1 or None in files:
            return next((member for member in same if member.error), same[0])
        digests = {_digest(self._folder / str(file)) for file in files}
        return same[0] if len(digests) == 1 else Member(same[0].path, error="member.duplicate")

    def _check(self, size: int, packed_bytes: int) -> None:
        if size > MAX_MEMBER_BYTES or self._total + size > MAX_TOTAL_BYTES:
            raise MemberError("member.too_large")
        if size > RATIO_COUNTS_FROM_BYTES and size > packed_bytes * MAX_RATIO:
            raise MemberError("member.bomb")


def _append(target: BinaryIO, chunk: bytes) -> None:
    try:
        target.write(chunk)
    except OSError as error:
        raise FolderError(f"a member cannot be written: {error.strerror}") from error


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def normalized_path(name: str) -> str | None:
    """Returns a member's path with slashes between its folders; None for one that leads elsewhere or cannot be shown."""
    path = name.replace("\\", "/")
    while path.startswith("./"):
        path = path[2:]
    parts = path.split("/")
    if not path or len(path) > _LONGEST_PATH or path.startswith("/") or _DRIVE.match(path) or ".." in parts:
        return None
    return None if any(unicodedata.category(letter) in _UNPRINTABLE for letter in path) else path


def printable_path(name: str) -> str:
    """Returns a path for display that `normalized_path` does not accept."""
    shown = name[:_LONGEST_PATH]
    return "".join(
        letter.encode("unicode_escape").decode() if unicodedata.category(letter) in _UNPRINTABLE else letter for letter in shown
    )
