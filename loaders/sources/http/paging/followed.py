"""Pages of which each leads to the next: by a token, a Link header or a URL."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from loaders.contract.sources.http.paging import CursorPaging, LinkPaging
from loaders.sources.http.answers.page_reader import Page
from loaders.sources.http.answers.tree import Record
from loaders.sources.http.paging.page_scan import PageScan, PagingError
from loaders.sources.http.request_builder import PageCall

MOST_PAGES = 10_000
# Filters behind the paging leave pages empty, but hardly so many in a row.
_EMPTY_PAGES = 20


def scan_followed(found: PageScan, fetch: Callable[[PageCall], Page]) -> PageScan:
    """Takes all pages into `found`.

    Raises:
        PagingError: the paging does not end.
    """
    paging = found.source.paging
    is_token = isinstance(paging, CursorPaging)
    field = "source.paging.kind (the Link header repeats itself)" if isinstance(paging, LinkPaging) else "source.paging.next"
    seen: set[str] = set()
    last: Sequence[Record] = ()
    empty = 0
    call = PageCall(size=found.size)
    for number in range(1, MOST_PAGES + 1):
        page = fetch(call)
        if page.records and page.records == last:
            raise PagingError(
                f"page {number} is the same as page {number - 1}",
                "change source.paging.token, the parameter that asks for the next page" if is_token else f"change {field}",
            )
        if number == 1:
            _check_first(page, found.size, field)
        found.take(page)
        last = page.records
        if page.next is None or page.has_more is False:
            return found
        if page.next in seen:
            raise PagingError(
                f"page {number} leads to a page that came before, so that paging would never end", f"change {field}"
            )
        seen.add(page.next)
        empty = 0 if page.records else empty + 1
        if empty == _EMPTY_PAGES:
            raise PagingError(f"{empty} pages in a row hold no record", "change source.records, or source.paging.next")
        call = PageCall(size=found.size, token=page.next) if is_token else PageCall(size=found.size, url=page.next)
    raise PagingError(
        f"after {MOST_PAGES} pages there were more", "raise source.paging.page_size, or let asks_for ask for less at a time"
    )


def _check_first(page: Page, size: int, field: str) -> None:
    """Refuses a first page from which nothing leads on, although there is more."""
    if page.lacks_next and size and len(page.records) >= size:
        raise PagingError(
            "the first page is full, and there is nothing that leads to the next one",
            f"change {field}, or raise source.paging.page_size if this is all",
        )
    if page.likely_next is not None:
        raise PagingError(
            f"the first answer has nothing at {field}, and {page.likely_next} seems to lead to more",
            f"change {field} to {page.likely_next}",
        )
