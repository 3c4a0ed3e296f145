"""Unpacks a container, and the containers inside it, into files of their own. One member's error does not stop the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from loaders.reading.containers.archives import (
    CORRUPTION_ERRORS,
    Entry,
    gz_entry,
    kind_of,
    member_errors,
    tar_entries,
    zip_entries,
)
from loaders.reading.containers.mail import mail_entries
from loaders.reading.containers.member_folder import MAX_DEPTH, MemberError, MemberFolder, normalized_path, printable_path
from loaders.reading.model.containers import ContainerKind, Unpacked, UnpackRequest

SEPARATOR = "!/"
"""Between a container and the path inside, as Java writes it for the members of a jar."""


def unpack(request: UnpackRequest) -> Unpacked:
    """Writes each member of a container into a file of the request's folder.

    Raises:
        OSError: the container cannot be opened, or the folder cannot be written.
    """
    with request.path.open("rb") as file:
        kind: ContainerKind | None = "mail" if request.is_mail else kind_of(file)
        if kind is None:
            return Unpacked(None)
        unpacker = _Unpacker(request)
        error = unpacker.unpack(file, kind, request.name, prefix="", depth=1)
    return Unpacked(kind, unpacker.target.members(), error)


class _Unpacker:
    """Unpacks one container and all inside it."""

    def __init__(self, request: UnpackRequest) -> None:
        self.target = MemberFolder(request.folder)
        self._password = request.password
        self._opens_nested = request.opens_nested

    def unpack(self, file: BinaryIO, kind: ContainerKind, name: str, *, prefix: str, depth: int) -> str | None:
        """Unpacks one container; returns the code of what stopped it before its end."""
        try:
            for entry in self._entries(file, kind, name):
                self.target.count()
                self._take(entry, prefix, depth, is_flat=kind == "gz")
        except MemberError as error:
            return error.code
        except CORRUPTION_ERRORS:
            return "member.damaged"
        return None

    def _entries(self, file: BinaryIO, kind: ContainerKind, name: str) -> Iterator[Entry]:
        match kind:
            case "zip":
                return zip_entries(file, self._password)
            case "tar":
                return tar_entries(file)
            case "gz":
                return iter([gz_entry(file, name)])
        return mail_entries(file)

    def _take(self, entry: Entry, prefix: str, depth: int, *, is_flat: bool) -> None:
        """Writes a member, or unpacks it. `is_flat`: a tar file inside is no level of its own, as in `.tar.gz`."""
        path = normalized_path(entry.path)
        if path is None:
            self.target.refuse(f"{prefix}{printable_path(entry.path)}", "member.path")
            return
        try:
            with member_errors():
                file = self._write(entry)
        except MemberError as error:
            self.target.refuse(f"{prefix}{path}", error.code)
            return
        with file.open("rb") as opened:
            kind = kind_of(opened) if self._opens_nested else None
            if kind is None:
                self.target.keep(f"{prefix}{path}", file)
                return
            is_same_level = is_flat and kind == "tar"
            if depth >= MAX_DEPTH and not is_same_level:
                error_code: str | None = "member.too_deep"
            else:
                below = prefix if is_same_level else f"{prefix}{path}{SEPARATOR}"
                error_code = self.unpack(opened, kind, path.rsplit("/", 1)[-1], prefix=below, depth=depth + (not is_same_level))
        self.target.discard(file)
        if error_code is not None:
            self.target.refuse(f"{prefix}{path}", error_code)

    def _write(self, entry: Entry) -> Path:
        with entry.open() as source:
            return self.target.write(source, entry.packed_bytes)
