"""One pass over all pages: its records as JSON lines, its answers as they came, and what tells it from another pass."""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from dataclasses import dataclass, field
from typing import BinaryIO, cast

from loaders.contract import AskedSource
from loaders.contract.sources.record_fields import field_value
from loaders.sources.http.answers.page_reader import Page, form_of
from loaders.sources.http.answers.tree import MISSING, Record

_IN_MEMORY_BYTES = 8 * 1024**2
_MODULUS = 2**256
_SUFFIXES = {"json": "json", "json_lines": "jsonl", "xml": "xml", "soap": "xml", "file": "bin"}
# A fixed time in the archive: equal answers are equal bytes.
_EPOCH = (1980, 1, 1, 0, 0, 0)


class RegisterChanged(Exception):
    """What was asked for changed while its pages were pulled; the message says how that was noticed.

    `field` is the field of the contract that explains it, if nothing has changed.
    """

    def __init__(self, how: str, field: str | None = None) -> None:
        super().__init__(how)
        self.field = field


class PageSizeCapped(Exception):
    """The server returned fewer records per page than requested."""

    def __init__(self, size: int) -> None:
        super().__init__(f"pages of {size}")
        self.size = size


class PagingError(Exception):
    """Paging that cannot end well: what was found, and what to change."""

    def __init__(self, what: str, next_step: str) -> None:
        super().__init__(what)
        self.what = what
        self.next_step = next_step


def _spool() -> BinaryIO:
    return cast(BinaryIO, tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES))


@dataclass(slots=True)
class PageScan:
    """The records of one pass over all pages, as JSON lines in `lines`; the answers that they are from, zipped, in `answers`.

    `size` is the page size. `key` are the fields that tell records apart. `digest` is the same for the same records in any
    order. `repeated` says which page brought a key of an earlier one.
    """

    source: AskedSource
    key: tuple[str, ...]
    size: int
    count: int = 0
    digest: int = 0
    pages: int = 0
    repeated: str | None = None
    lines: BinaryIO = field(default_factory=_spool)
    answers: BinaryIO = field(default_factory=_spool)
    _keys: set[tuple[str, ...]] = field(default_factory=set)

    def take(self, page: Page) -> None:
        """Appends the records of a page as they came, and its answer."""
        self.pages += 1
        # Validation rejects a record without a key; it cannot show whether the pages moved.
        fresh = [key for record in page.records if (key := self._key_of(record)) is not None]
        if len(set(fresh)) < len(fresh) or self._keys.intersection(fresh):
            self.repeated = f"page {self.pages} brings a record that came before"
        self._keys.update(fresh)
        for record in page.records:
            self._append(record)
        # What came encrypted is kept encrypted, whatever it holds.
        suffix = "bin" if page.answer.cipher is not None else _SUFFIXES[form_of(self.source)]
        _pack(self.answers, f"{self.pages:05d}.{suffix}", page.answer.body)

    def has_same_records_as(self, other: PageScan) -> bool:
        """Returns whether both passes brought the same records."""
        return (self.count, self.digest) == (other.count, other.digest)

    def close(self) -> None:
        """Deletes what the pass brought."""
        self.lines.close()
        self.answers.close()

    def _key_of(self, record: Record) -> tuple[str, ...] | None:
        values = [field_value(record.fields, name, MISSING) for name in self.key]
        return tuple(map(str, values)) if values and MISSING not in values else None

    def _append(self, record: Record) -> None:
        # Half a surrogate pair has no UTF-8 encoding, only JSON's escape.
        line = record.text.encode("utf-8", "backslashreplace")
        self.lines.write(line + b"\n")
        self.digest = (self.digest + int.from_bytes(hashlib.sha256(line).digest())) % _MODULUS
        self.count += 1


def packed_answer(body: bytes) -> BinaryIO:
    """Returns a zip with one answer as it came."""
    target = _spool()
    _pack(target, f"00001.{_SUFFIXES['file']}", body)
    return target


def _pack(target: BinaryIO, name: str, body: bytes) -> None:
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, _EPOCH), body, zipfile.ZIP_DEFLATED)
