"""Decodes names of members: programs of Chinese Windows write GBK and say nothing of it."""

from __future__ import annotations

import zipfile
import zlib

from loaders.characters.mail_headers import decoded_name

_UTF8_FLAG = 0x800
_UNICODE_PATH = 0x7075


def zip_member_name(info: zipfile.ZipInfo) -> str:
    """Returns the name of a zip member: by its UTF-8 flag, by Info-ZIP's extra field, else as UTF-8 or GB18030."""
    if info.flag_bits & _UTF8_FLAG:
        return info.orig_filename
    # zipfile decodes names without the flag as CP437, which keeps every byte.
    raw = info.orig_filename.encode("cp437")
    return _unicode_path(info.extra, raw) or decoded_name(raw)


def tar_member_name(name: str) -> str:
    """Returns the name of a tar member that was decoded as UTF-8 with surrogates for other bytes."""
    return decoded_name(name.encode("utf-8", "surrogateescape"))


def _unicode_path(extra: bytes, raw: bytes) -> str | None:
    """Returns the name in Info-ZIP's extra field, if it belongs to this name: a renaming program may leave an old one."""
    while len(extra) >= 4:
        kind, length = int.from_bytes(extra[:2], "little"), int.from_bytes(extra[2:4], "little")
        field, extra = extra[4 : 4 + length], extra[4 + length :]
        if kind == _UNICODE_PATH and len(field) > 5 and int.from_bytes(field[1:5], "little") == zlib.crc32(raw):
            try:
                return field[5:].decode("utf-8")
            except UnicodeDecodeError:
                return None
    return None
