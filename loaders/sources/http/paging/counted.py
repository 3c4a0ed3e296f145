"""Pages that are counted: by their number, or by the records before them. The end is where the total is reached.

Without a total, the end is where the answer says so, or an empty page. A short page is not the end, because servers cap the size
of pages and leave out what we may not see.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from loaders.sources.http.answers.page_reader import Page
from loaders.sources.http.answers.tree import Record
from loaders.sources.http.paging.page_scan import PageScan, PageSizeCapped, PagingError, RegisterChanged
from loaders.sources.http.request_builder import PageCall

MOST_PAGES = 10_000
# A server may remove records that we may not see after counting them: then a page in the middle is empty.
_EMPTY_PAGES = 3


def scan_counted(found: PageScan, fetch: Callable[[PageCall], Page], *, may_be_capped: bool) -> PageScan:
    """Takes all pages into `found`.

    Raises:
        RegisterChanged: the pages are not of one state.
        PageSizeCapped: the server returns smaller pages than requested (only where it `may_be_capped`).
        PagingError: the paging is broken.
    """
    return _CountedScan(found, fetch, may_be_capped=may_be_capped).run()


class _CountedScan:
    def __init__(self, found: PageScan, fetch: Callable[[PageCall], Page], *, may_be_capped: bool) -> None:
        self._found = found
        self._fetch = fetch
        self._may_be_capped = may_be_capped and found.size > 0
        self._total: int | None = None
        self._first_count = 0
        self._last: Sequence[Record] = ()
        self._empty = 0

    def run(self) -> PageScan:
        size = self._found.size
        for number in range(MOST_PAGES):
            page = self._fetch(PageCall(number, size))
            if number == 0:
                self._first_count, self._total = len(page.records), page.total
                # Where no parameter asks for a size, the server decides, and the first page shows what it decided.
                size = size or len(page.records)
            self._check_capped(number, page)
            is_repeated = bool(page.records) and page.records == self._last
            if is_repeated and self._is_short(page) and self._total is None:
                # Beyond the end, some servers show the last page again.
                return self._found
            if is_repeated:
                raise PagingError(
                    f"page {number + 1} is the same as page {number}",
                    "change the names of the parameters in source.paging, or name the end: source.total or source.paging.more",
                )
            self._found.take(page)
            self._last = page.records
            if self._is_end(number, page):
                return self._found
        of = f"its {self._total} records" if self._total is not None else "all records"
        raise PagingError(
            f"{MOST_PAGES} pages did not hold {of}", "raise source.paging.page_size, or name the end by source.total"
        )

    def _is_short(self, page: Page) -> bool:
        return len(page.records) < self._first_count or self._first_count < self._found.size

    def _check_capped(self, number: int, page: Page) -> None:
        size = self._found.size
        if not self._may_be_capped or not 0 < self._first_count < size:
            return
        if number == 0 and self._total is not None and self._first_count < self._total:
            raise PageSizeCapped(self._first_count)
        if number == 1 and self._total is None and page.records and page.records != self._last:
            raise PageSizeCapped(self._first_count)

    def _is_end(self, number: int, page: Page) -> bool:
        if self._total is None:
            return not page.has_more if page.has_more is not None else not page.records
        if page.total != self._total:
            raise RegisterChanged(f"the total went from {self._total} to {page.total}", "source.total")
        self._empty = 0 if page.records else self._empty + 1
        count = self._found.count
        if count > self._total or (self._empty == _EMPTY_PAGES and count < self._total):
            raise RegisterChanged(f"{count} of {self._total} records had come by page {number + 1}", "source.total")
        return count == self._total
