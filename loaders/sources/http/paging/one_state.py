"""Pulls all pages of what was asked for, and accepts them only if they are of one state.

Pages are answers to separate requests, and the register may change between them: when one record is deleted and another is added,
the total stays the same, and the record that moves to an earlier page is never seen. One answer with the whole register is one
state by itself. Several pages are requested again until two successive passes bring the same records.
"""

from __future__ import annotations

from collections.abc import Callable

from loaders.contract import AskedSource
from loaders.contract.sources.http.paging import CountedPaging, FollowedPaging
from loaders.sources.errors import DocumentError
from loaders.sources.http.answers.page_reader import Page
from loaders.sources.http.paging.counted import scan_counted
from loaders.sources.http.paging.followed import scan_followed
from loaders.sources.http.paging.page_scan import PageScan, PageSizeCapped, PagingError, RegisterChanged
from loaders.sources.http.request_builder import PageCall

PASSES = 4


class Paginator:
    """Pulls the pages of one document. `fetch` asks for one page; `key` are the fields that tell records apart."""

    def __init__(self, source: AskedSource, key: tuple[str, ...], fetch: Callable[[PageCall], Page]) -> None:
        self._source = source
        self._key = key
        self._fetch = fetch
        is_sized = getattr(source.paging, "size", None) is not None
        self._requested_size = getattr(source.paging, "page_size", 0) if is_sized else 0
        self._size = self._requested_size

    def pull(self) -> PageScan:
        """Returns all records, of one state.

        Raises:
            DocumentError: the register changed under each of several passes, or its paging is broken.
        """
        before: PageScan | None = None
        evidence, field = "", None
        for _ in range(PASSES):
            try:
                found = self._scan(self._size if before is None else self._size_after(before))
            except RegisterChanged as changed:
                before, evidence, field = None, str(changed), changed.field
                continue
            except PagingError as error:
                raise self._error(f"{self._source.place}: {error.what}", error.next_step) from None
            if found.pages == 1 or (before is not None and found.has_same_records_as(before)):
                return found
            if before is not None:
                evidence = found.repeated or "two passes brought different records"
                before.close()
            before = found
        raise self._error(
            f"the register changed under each of {PASSES} pulls ({evidence or 'no two passes brought the same records'})",
            "the next run tries again; ask the owner of the system for a quiet hour, or whether its pages have a fixed order"
            + (f"; or change {field}, if it counts something else" if field else ""),
        )

    def _size_after(self, before: PageScan) -> int:
        """Returns another page size after a repeated key: a repetition by paging moves then, one in the register does not."""
        return max(1, self._size * 2 // 3) if self._size and before.repeated and before.size == self._size else self._size

    def _scan(self, size: int) -> PageScan:
        try:
            return self._pass(size, may_be_capped=size == self._requested_size)
        except PageSizeCapped as cap:
            # Some servers count pages by the requested size, some by their own: when their own is requested, both agree.
            self._size = cap.size
            return self._pass(cap.size, may_be_capped=False)

    def _pass(self, size: int, *, may_be_capped: bool) -> PageScan:
        found = PageScan(self._source, self._key, size)
        try:
            if isinstance(self._source.paging, CountedPaging):
                return scan_counted(found, self._fetch, may_be_capped=may_be_capped)
            if isinstance(self._source.paging, FollowedPaging):
                return scan_followed(found, self._fetch)
            return self._single(found)
        except BaseException:
            found.close()
            raise

    def _single(self, found: PageScan) -> PageScan:
        page = self._fetch(PageCall())
        found.take(page)
        if page.total is not None and page.total != found.count:
            raise PagingError(
                f"one answer holds {found.count} of {page.total} records",
                "say in source.paging how to ask for the others, or change source.total",
            )
        return found

    def _error(self, what: str, next_step: str) -> DocumentError:
        return DocumentError(self._source.connection, what, next_step=next_step)
