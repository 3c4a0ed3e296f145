"""Opens zip, gz and tar files: lists members, each with a way to open it. Nothing is written here."""

from __future__ import annotations

import gzip
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, cast

from loaders.reading.containers.aes import WINZIP_AES, open_aes
from loaders.reading.containers.member_folder import MemberError
from loaders.reading.containers.names import tar_member_name, zip_member_name
from loaders.reading.formats.detect import format_of
from loaders.reading.formats.registry import ARCHIVE
from loaders.reading.model.containers import ContainerKind

CORRUPTION_ERRORS = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    gzip.BadGzipFile,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    OverflowError,
)
"""Exceptions of the libraries for a corrupted archive."""

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_ENCRYPTED = 0x1
_TAR_BLOCK = 512
# `6月.csv.gz` holds `6月.csv`, `6月.tgz` holds `6月.tar`.
_GZ_ENDING = re.compile(r"\.gz\Z", re.IGNORECASE)
_TGZ_ENDING = re.compile(r"\.tgz\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """A member before it is read: the path as it was written, its size in the container, and a function that opens it."""

    path: str
    packed_bytes: int
    open: Callable[[], BinaryIO]


def kind_of(file: BinaryIO) -> ContainerKind | None:
    """Returns the kind of a container by its bytes; None for any other file. A workbook is a zip file but no container."""
    file.seek(0)
    head = file.read(_TAR_BLOCK)
    if head.startswith(b"\x1f\x8b"):
        return "gz"
    if head.startswith(_ZIP):
        file.seek(0)
        return "zip" if format_of(file) is ARCHIVE else None
    return "tar" if _is_tar_header(head) else None


def zip_entries(file: BinaryIO, password: str | None) -> Iterator[Entry]:
    """Yields the files of a zip archive.

    Raises:
        CORRUPTION_ERRORS: the list of members cannot be read.
    """
    file.seek(0)
    archive = zipfile.ZipFile(file)
    for info in archive.infolist():
        name = zip_member_name(info)
        # Programs of Windows end a folder with a backslash.
        if not name.endswith(("/", "\\")):
            yield Entry(name, info.compress_size, lambda info=info: _open_zip_member(archive, info, password))  # type: ignore[misc]


def tar_entries(file: BinaryIO) -> Iterator[Entry]:
    """Yields the files of a tar archive, and links and devices as members that cannot be had; raises as `zip_entries` does."""
    file.seek(0)
    with tarfile.open(fileobj=file, mode="r:", encoding="utf-8", errors="surrogateescape") as archive:
        for info in archive:
            if not info.isdir():
                yield Entry(tar_member_name(info.name), info.size, lambda info=info: _open_tar_member(archive, info))  # type: ignore[misc]


def gz_entry(file: BinaryIO, name: str) -> Entry:
    """Returns the only member of a gz file. Its name is that of the file; the name inside is often a temporary one."""

    def opened() -> BinaryIO:
        file.seek(0)
        return cast(BinaryIO, gzip.GzipFile(fileobj=file, mode="rb"))

    packed = file.seek(0, 2)
    return Entry(_TGZ_ENDING.sub(".tar", _GZ_ENDING.sub("", name)), packed, opened)


@contextmanager
def member_errors() -> Iterator[None]:
    """Raises the error of a library as a `MemberError` that says what is wrong with the member."""
    try:
        yield
    except MemberError:
        raise
    except CORRUPTION_ERRORS as error:
        raise MemberError("member.damaged") from error


def _open_zip_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, password: str | None) -> BinaryIO:
    if not info.flag_bits & _ENCRYPTED:
        return cast(BinaryIO, archive.open(info))
    if password is None:
        raise MemberError("member.encrypted")
    if info.compress_type == WINZIP_AES:
        return open_aes(cast(BinaryIO, archive.fp), info, password)
    # Chinese programs encrypt with the bytes of the system's code page; where both are ASCII there is no difference.
    for encoding in ("gb18030", "utf-8"):
        try:
            return cast(BinaryIO, archive.open(info, pwd=password.encode(encoding)))
        except RuntimeError:
            continue
    raise MemberError("member.password")


def _open_tar_member(archive: tarfile.TarFile, info: tarfile.TarInfo) -> BinaryIO:
    opened = archive.extractfile(info) if info.isfile() else None
    if opened is None:
        raise MemberError("member.no_file")
    return cast(BinaryIO, opened)


def _is_tar_header(head: bytes) -> bool:
    try:
        return len(head) == _TAR_BLOCK and bool(head.strip(b"\0")) and tarfile.TarInfo.frombuf(head, "utf-8", "replace").size >= 0
    except tarfile.HeaderError:
        return False
