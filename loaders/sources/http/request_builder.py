"""Builds the requests of an HTTP source from its contract: named values and parameters of paging put in their places."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import Any

import httpx

from loaders.contract import AskedSource, HttpApi
from loaders.contract.sources.answer_path import path_steps
from loaders.contract.sources.http.paging import CursorPaging, NoPaging, OffsetPaging, PageNumberPaging
from loaders.contract.sources.request_values import NamedValues
from loaders.sources.errors import SourceError
from loaders.sources.http.body_cipher import BodyCipher

Parameters = dict[str, str | int]


@dataclass(frozen=True, slots=True)
class PageCall:
    """Which page is asked for: the `number`-th (from 0) of pages of `size`, the one of a `token`, or the one at a `url`."""

    number: int = 0
    size: int = 0
    token: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class RequestBuilder:
    """Builds the requests of one source for one client; `base` is the connection's URL, `cipher` encrypts what is sent."""

    client: httpx.Client
    source: HttpApi
    base: httpx.URL
    cipher: BodyCipher | None = None

    def build(self, values: NamedValues, call: PageCall) -> httpx.Request:
        """Builds one request.

        Raises:
            SourceError: it leads to another host than the connection's, or holds what no request can hold.
        """
        try:
            return self._request(values, call)
        except (httpx.InvalidURL, UnicodeError) as error:
            raise SourceError(
                self.source.connection,
                f"the request cannot be sent: {type(error).__name__}",
                next_step="headers hold ASCII only, and a path no spaces: change source.request",
            ) from None

    def _request(self, values: NamedValues, call: PageCall) -> httpx.Request:
        paging = paging_parameters(self.source, call)
        in_body = getattr(self.source.paging, "place", "query") == "body"
        request = self.source.request
        headers = values.render_tree(request.headers)
        if request.body is not None and request.body.content_type is not None:
            headers = {"Content-Type": request.body.content_type} | headers
        body = _body(self.source, values, paging if in_body else {})
        if self.cipher is not None and self.source.cipher is not None and self.source.cipher.request is not None:
            body = _encrypted(body["json"], self.source.cipher.request, self.cipher)
        if call.url is not None:
            url = _url_on_host(self.source, self.base, call.url)
            return self.client.build_request(request.method, url, headers=headers, **body)
        query = {name: _text(value) for name, value in values.render_tree(request.query).items()}
        query |= {} if in_body else {name: str(value) for name, value in paging.items()}
        url = self.base.copy_with(path=self.base.path.rstrip("/") + (values.render(request.path) or ""))
        return self.client.build_request(request.method, url, params=query or None, headers=headers, **body)


def paging_parameters(source: AskedSource, call: PageCall) -> Parameters:
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
        put_field(content_tree, name, value)
    return {"json": content_tree}


def put_field(content: dict[str, Any], name: str, value: str | int) -> None:
    """Puts a parameter into a field of a JSON body: `pageInfo.pageNo` is a field of the object `pageInfo`."""
    *parents, last = name.split(".")
    for parent in parents:
        content = content.setdefault(parent, {})
    content[last] = value


def _encrypted(content: Any, path: str, cipher: BodyCipher) -> dict[str, Any]:
    """Returns a JSON body with the encrypted text in the place of what is at `path`; of `$`, the text is the whole body."""
    *parents, last = path_steps(path) or ("",)
    if not last:
        return {"content": cipher.encrypt(_json_bytes(content)).encode()}
    holder = content
    for name in parents:
        holder = holder[name]
    holder[last] = cipher.encrypt(_json_bytes(holder[last]))
    return {"json": content}


def _json_bytes(content: Any) -> bytes:
    """Returns a text as it is, and anything else as JSON."""
    return content.encode() if isinstance(content, str) else json.dumps(content, ensure_ascii=False).encode()


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
