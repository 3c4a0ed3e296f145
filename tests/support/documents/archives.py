"""Archives as programs of Chinese Windows, Info-ZIP and 7-Zip write them, and harmful ones."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
import zlib
from collections.abc import Mapping, Sequence


def zip_of(members: Mapping[str, bytes] | Sequence[tuple[str, bytes]]) -> bytes:
    """Makes a zip whose names carry the UTF-8 flag."""
    target = io.BytesIO()
    pairs = list(members.items()) if isinstance(members, Mapping) else members
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in pairs:
            archive.writestr(zipfile.ZipInfo(name, (2023, 6, 3, 10, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


class _RawName(zipfile.ZipInfo):
    """A member whose name is written as these bytes, without the UTF-8 flag."""

    raw = b""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.raw, self.flag_bits & ~0x800


def raw_name_zip(members: Mapping[bytes, bytes], unicode_names: Mapping[bytes, str] | None = None) -> bytes:
    """Makes a zip with names in any bytes; `unicode_names` adds Info-ZIP's extra field to some."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for raw, content in members.items():
            info = _RawName(raw.decode("cp437"), (2023, 6, 3, 10, 0, 0))
            info.raw = raw
            info.compress_type = zipfile.ZIP_DEFLATED
            if unicode_names and raw in unicode_names:
                field = b"\x01" + zlib.crc32(raw).to_bytes(4, "little") + unicode_names[raw].encode()
                info.extra = (0x7075).to_bytes(2, "little") + len(field).to_bytes(2, "little") + field
            archive.writestr(info, content)
    return target.getvalue()


def tar_of(members: Mapping[str, bytes], *, encoding: str = "utf-8", links: Mapping[str, str] | None = None) -> bytes:
    """Makes a tar file; `links` are symbolic ones."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", encoding=encoding, format=tarfile.GNU_FORMAT) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for name, goal in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, goal
            archive.addfile(info)
    return target.getvalue()


def gz_of(content: bytes) -> bytes:
    """Makes a gz file."""
    return gzip.compress(content, mtime=0)


def broken_member(archive: bytes, name: str) -> bytes:
    """Alters the packed bytes of one member of a zip."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        info = opened.getinfo(name)
    start = info.header_offset + 30 + len(info.filename.encode()) + info.compress_size // 2
    return archive[:start] + bytes([archive[start] ^ 0xFF]) + archive[start + 1 :]
