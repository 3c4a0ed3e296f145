"""Builds the requests of an HTTP source from its contract: named values and parameters of paging put in their places."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import httpx

from loaders.contract import HttpApi
from loaders.contract.sources.http.paging import CursorPaging, NoPaging, OffsetPaging, PageNumberPaging
from loaders.contract.sources.request_values import NamedValues
from loaders.sources.errors import SourceError

Parameters = dict[str, str | int]


@dataclass(frozen=True, slots=True)
class PageCall:
    """Which page is asked for: the `number`-th (from 0) of pages of `size`, the one of a `token`, or the one at a `url`."""

    number: int = 0
    size: int = 0
    token: str | None = None
    url: str | None = None


def build_request(client: httpx.Client, source: HttpApi, base: httpx.URL, values: NamedValues, call: PageCall) -> httpx.Request:
    """Builds one request.

    Raises:
        SourceError: it leads to another host than the connection's, or holds what no request can hold.
    """
    try:
        return _request(client, source, base, values, call)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise SourceError(
            source.connection,
            f"the request cannot be sent: {type(error).__name__}",
            next_step="headers hold ASCII only, and a path no spaces: change source.request",
        ) from None


def _request(client: httpx.Client, source: HttpApi, base: httpx.URL, values: NamedValues, call: PageCall) -> httpx.Request:
    paging = _paging_parameters(source, call)
    in_body = getattr(source.paging, "place", "query") == "body"
    request = source.request
    headers = values.render_tree(request.headers)
    if request.body is not None and request.body.content_type is not None:
        headers = {"Content-Type": request.body.content_type} | headers
    body = _body(source, values, paging if in_body else {})
    if call.url is not None:
        return client.build_request(request.method, _url_on_host(source, base, call.url), headers=headers, **body)
    query = {name: _text(value) for name, value in values.render_tree(request.query).items()}
    query |= {} if in_body else {name: str(value) for name, value in paging.items()}
    url = base.copy_with(path=base.path.rstrip("/") + (values.render(request.path) or ""))
    return client.build_request(request.method, url, params=query or None, headers=headers, **body)


def _paging_parameters(source: HttpApi, call: PageCall) -> Parameters:
    """Returns the parameters that ask for a page."""
    paging = source.paging
    if isinstance(paging, NoPaging):
        return {}
    parameters: Parameters = {} if paging.size is None else {paging.size: call.size}
    if isinstance(paging, PageNumberPaging):
        parameters[paging.page] = paging.first + call.number
    elif isinstance(paging, OffsetPaging):
        parameters[paging.offset] = call.number * call.size
    elif isinstance(paging, CursorPaging) and call.token is not None:
        parameters[paging.token] = call.token
    return parameters


def _body(source: HttpApi, values: NamedValues, paging: Parameters) -> dict[str, Any]:
    """Returns the body as the arguments of the HTTP library."""
    body = source.request.body
    if body is None:
        return {}
    if body.text is not None:
        return {"content": (values.render(body.text) or "").encode()}
    if body.form is not None:
        return {"data": values.render_tree(body.form) | {name: str(value) for name, value in paging.items()}}
    content_tree = values.render_tree(copy.deepcopy(body.json_content))
    for name, value in paging.items():
        _put(content_tree, name, value)
    return {"json": content_tree}


def _put(content: dict[str, Any], name: str, value: str | int) -> None:
    """Puts a parameter into a field of a JSON body: `pageInfo.pageNo` is a field of the object `pageInfo`."""
    *parents, last = name.split(".")
    for parent in parents:
        content = content.setdefault(parent, {})
    content[last] = value


def _url_on_host(source: HttpApi, base: httpx.URL, url: str) -> httpx.URL:
    """Returns the URL of a next page.

    Raises:
        SourceError: it leaves the connection's host or scheme.
    """
    target = base.join(url)
    if (target.scheme, target.host, target.port) != (base.scheme, base.host, base.port):
        raise SourceError(
            source.connection,
            f"the next page is at {target.scheme}://{target.netloc.decode()}, expected {base.scheme}://{base.netloc.decode()}",
            next_step="pages stay on the connection's host: change its URL, or source.paging (cursor or page_number need no URL)",
        )
    return target


def _text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
