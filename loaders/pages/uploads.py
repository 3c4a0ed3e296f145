"""A form with one file, read into memory: what somebody tries must not stay behind on a disk."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import PureWindowsPath

from fastapi import Request
from python_multipart.exceptions import FormParserError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

_MEGABYTE = 1024**2
_MOST_FIELDS = 10
_MOST_FIELD_BYTES = 10_000
_MOST_NAME_BYTES = 200
_MOST_FORM_BYTES = 100_000


class UploadTooLarge(Exception):
    """More bytes came than the deployment allows."""


class NoUpload(Exception):
    """The request is no form with one file."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file and the fields beside it; `name` has no folders."""

    name: str
    content: bytes
    fields: dict[str, str]


class _MemoryParser(MultiPartParser):
    """The parser, which otherwise writes larger files into a temporary one."""

    spool_max_size = 1024**3


async def read_upload(request: Request, most_megabytes: int) -> Upload:
    """Reads the form.

    Raises:
        UploadTooLarge: the body is longer than allowed; the rest of it was not read.
        NoUpload: the body holds no file.
    """
    limit = most_megabytes * _MEGABYTE + _MOST_FORM_BYTES
    if int(request.headers.get("content-length") or 0) > limit:
        raise UploadTooLarge
    parser = _MemoryParser(
        request.headers,
        _bounded(request, limit),
        max_files=1,
        max_fields=_MOST_FIELDS,
        max_part_size=_MOST_FIELD_BYTES,
    )
    try:
        form = await parser.parse()
    except (MultiPartException, FormParserError, KeyError, ValueError) as error:
        raise NoUpload from error
    file = next((value for value in form.values() if isinstance(value, UploadFile)), None)
    if file is None or not file.filename:
        raise NoUpload
    content = await file.read()
    await form.close()
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    return Upload(_plain_name(file.filename), content, fields)


async def _bounded(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received > limit:
            raise UploadTooLarge
        yield chunk


def _plain_name(name: str) -> str:
    """The name of a file without folders and controls; of a long one the end, which has the suffix."""
    printable = "".join(letter for letter in PureWindowsPath(name).name if letter.isprintable()).lstrip(".")
    return printable.encode()[-_MOST_NAME_BYTES:].decode(errors="ignore") or "document"
