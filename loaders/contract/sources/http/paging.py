"""How an HTTP source hands out a long list: one model per kind of paging."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from loaders.contract.sources.answer_path import AnswerPath
from loaders.contract.strict_model import StrictModel


class NoPaging(StrictModel):
    """One answer holds all: `{kind: none}`."""

    kind: Literal["none"] = "none"


class _Pages(StrictModel):
    """What pages have in common.

    `size` names the parameter that asks for `page_size` records; without it the server decides. `in` says where the parameters
    of paging go: into the query, or into the body (`page: pageInfo.pageNo` is a field of a field there).
    """

    size: str | None = None
    page_size: int = Field(default=500, ge=1, le=10_000)
    place: Literal["query", "body"] = Field(default="query", alias="in")


class PageNumberPaging(_Pages):
    """Pages with numbers: `{kind: page_number, page: page, size: pageSize, page_size: 500}`.

    `first` is the number of the first page. The end is where `source.total` is reached or, without a total, where `more` (a path
    to a field such as `data.hasMore`) is false, or a page is empty.
    """

    kind: Literal["page_number"] = "page_number"
    page: str = "page"
    first: Literal[0, 1] = 1
    more: AnswerPath | None = None


class OffsetPaging(_Pages):
    """Pages that begin after a number of records: `{kind: offset, offset: offset, size: limit, page_size: 200}`.

    It ends as `page_number` does.
    """

    kind: Literal["offset"] = "offset"
    offset: str = "offset"
    more: AnswerPath | None = None


class CursorPaging(_Pages):
    """Each answer holds a token that asks for the next: `{kind: cursor, next: meta.nextCursor, token: cursor}`.

    `next` is where the token is, `token` the parameter that sends it. No token, or `more` that is false, is the end.
    """

    kind: Literal["cursor"] = "cursor"
    next: AnswerPath
    token: str = "cursor"  # noqa: S105 - the name of a parameter
    more: AnswerPath | None = None


class LinkPaging(_Pages):
    """The header `Link: <…>; rel="next"` (RFC 8288) leads to the next page: `{kind: link, size: per_page, page_size: 100}`."""

    kind: Literal["link"] = "link"


class NextUrlPaging(_Pages):
    """Each answer holds the URL of the next page: `{kind: next_url, next: links.next}`. It stays on the connection's host."""

    kind: Literal["next_url"] = "next_url"
    next: AnswerPath


CountedPaging = PageNumberPaging | OffsetPaging
FollowedPaging = CursorPaging | LinkPaging | NextUrlPaging
Paging = Annotated[NoPaging | CountedPaging | FollowedPaging, Field(discriminator="kind")]
