"""Pulls all pages of a paged API, and accepts them only if they are of one state.

Pages are answers to separate requests, and the register may change between them: when one record is deleted and another is added,
the total stays the same, and the record that moves to an earlier page is never seen. An answer with the whole register is one
state by itself. Several pages are requested again until two successive passes bring the same records.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from loaders.contract import HttpApi
from loaders.sources.errors import SourceError

PASSES = 4
_MOST_PAGES = 10_000
# A server may remove records that we may not see after counting them: then a page in the middle is empty.
_EMPTY_PAGES = 3
_IN_MEMORY_BYTES = 8 * 1024**2
_MODULUS = 2**256

Record = dict[str, Any]


class _RegisterChanged(Exception):
    """The register changed while its pages were pulled; the message says how that was noticed."""


class _PageSizeCapped(Exception):
    """The server returned fewer records per page than requested."""

    def __init__(self, size: int) -> None:
        super().__init__(f"pages of {size}")
        self.size = size


def _spool() -> BinaryIO:
    return cast(BinaryIO, tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES))


@dataclass(slots=True)
class PageScan:
    """The records of one pass over all pages, as JSON lines in `lines`.

    `size` is the page size. `digest` is the same for the same records in any order. `repeated` is the page with a key of an
    earlier page.
    """

    size: int
    count: int = 0
    digest: int = 0
    pages: int = 0
    repeated: str | None = None
    lines: BinaryIO = field(default_factory=_spool)

    def add(self, record: Record) -> None:
        """Appends one record as it came."""
        # Half a surrogate pair has no UTF-8 encoding, only JSON's escape.
        line = json.dumps(record, ensure_ascii=False).encode("utf-8", "backslashreplace")
        self.lines.write(line + b"\n")
        self.digest = (self.digest + int.from_bytes(hashlib.sha256(line).digest())) % _MODULUS
        self.count += 1

    def has_same_records_as(self, other: PageScan) -> bool:
        """Returns whether both passes brought the same records."""
        return (self.count, self.digest) == (other.count, other.digest)


class Paginator:
    """Pulls the pages of one register. `fetch_page` requests a page of a size; `look` receives each record of a pass."""

    def __init__(self, source: HttpApi, fetch_page: Callable[[int, int], dict[str, Any]]) -> None:
        self._source = source
        self._fetch_page = fetch_page
        self._size = source.page_size

    def pull(self) -> PageScan:
        """Returns all records, of one state.

        Raises:
            SourceError: the register changed under each of several passes, or its paging is broken.
        """
        before: PageScan | None = None
        evidence = ""
        for _ in range(PASSES):
            try:
                found = self._scan(self._size if before is None else self._size_after(before))
            except _RegisterChanged as changed:
                before, evidence = None, str(changed)
                continue
            if found.pages == 1 or (before is not None and found.has_same_records_as(before)):
                return found
            if before is not None:
                evidence = found.repeated or "two passes brought different records"
            before = found
        raise self._error(
            f"the register changed under each of {PASSES} pulls ({evidence or 'no two passes brought the same records'})",
            "the next run tries again; ask the owner of the system for a quiet hour, or whether its pages have a fixed order",
        )

    def _size_after(self, before: PageScan) -> int:
        """Returns another page size after a repeated key: a repetition by paging moves then, one in the register does not."""
        return max(1, self._size * 2 // 3) if before.repeated and before.size == self._size else self._size

    def _scan(self, size: int) -> PageScan:
        try:
            return self._all_pages(size, may_be_capped=size == self._source.page_size)
        except _PageSizeCapped as cap:
            # Some servers count pages by the requested size, some by their own: when their own is requested, both agree.
            self._size = cap.size
            return self._all_pages(cap.size, may_be_capped=False)

    def _all_pages(self, size: int, *, may_be_capped: bool) -> PageScan:
        found, keys = PageScan(size), set[str]()
        last: list[Record] = []
        total: int | None = None
        empty = 0
        for page in range(1, _MOST_PAGES + 1):
            data = self._fetch_page(page, size)
            records, total = data["records"], data["total"] if total is None else total
            if data["total"] != total:
                raise _RegisterChanged(f"the total went from {total} to {data['total']}")
            if may_be_capped and page == 1 and 0 < len(records) < min(size, total):
                raise _PageSizeCapped(len(records))
            if records and records == last:
                raise self._paging_error(f"page {page} is the same as page {page - 1}", "its paging is broken")
            self._take(found, records, keys)
            last = records
            empty = 0 if records else empty + 1
            if found.count > total or (empty == _EMPTY_PAGES and found.count < total):
                raise _RegisterChanged(f"{found.count} of {total} records had come by page {page}")
            if found.count == total:
                return found
        raise self._paging_error(f"{_MOST_PAGES} pages did not hold its {total} records", "pages should be larger")

    def _take(self, found: PageScan, records: Collection[Record], keys: set[str]) -> None:
        found.pages += 1
        # Validation rejects a record without a key; it cannot show whether the pages moved.
        fresh = [str(record[self._source.key]) for record in records if self._source.key in record]
        if len(set(fresh)) < len(fresh) or keys.intersection(fresh):
            found.repeated = f"page {found.pages} brings a record that came before"
        keys.update(fresh)
        for record in records:
            found.add(record)

    def _paging_error(self, what: str, question: str) -> SourceError:
        return self._error(f"{self._source.path}: {what}", f"ask the owner of the system: {question}")

    def _error(self, what: str, next_step: str) -> SourceError:
        return SourceError(self._source.connection, what, next_step=next_step)
