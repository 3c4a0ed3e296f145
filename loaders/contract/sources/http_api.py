"""An HTTP API, described: what to ask, how its answers are paged, and where its records are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import Field

from loaders.contract.sources.answer_path import WHOLE, has_field
from loaders.contract.sources.asked_source import AskedSource
from loaders.contract.sources.container import Container
from loaders.contract.sources.http.auth import HttpAuth, NoAuth
from loaders.contract.sources.http.cipher import Sm4Cipher
from loaders.contract.sources.http.paging import CursorPaging, NextUrlPaging, NoPaging
from loaders.contract.sources.http.request import HttpRequest


class HttpApi(AskedSource):
    """An API over HTTP.

    `asks_for` says what one request is for, and so what one document is: the whole `register`, one `period`, one `unit`, or one
    `unit_and_period`. `answer` is what the body is made of: JSON, JSON lines, XML, or a file (CSV, a workbook), which is taken as
    it is. `records` is where the list of records is, `total` where their number is, if the API tells it. `key` is the field that
    tells one record from another (without it, the fields of the key columns); `updated_field` the field with the time of a
    record's last change, written as `updated_format` says: `iso`, `epoch_ms`, `epoch_s` or a format such as `%Y/%m/%d %H:%M:%S`.
    `cipher` says what of request and answer is encrypted.
    `container` says of a file that holds files, such as a zip, which of its members are documents.
    `encoding` is that of the answer, where it is neither UTF-8 nor the one in its header.
    Every `full_compare_days` everything is asked for again and compared, though nothing seems to have changed.
    """

    kind: Literal["http_api"] = "http_api"
    request: HttpRequest
    auth: HttpAuth = Field(default_factory=NoAuth)
    cipher: Sm4Cipher | None = None
    answer: Literal["json", "json_lines", "xml", "file"] = "json"
    container: Container | None = None
    encoding: Literal["utf-8", "gb18030", "utf-16"] | None = None

    @property
    def value_names(self) -> frozenset[str]:
        """The named values that the request uses."""
        return self.request.value_names

    @property
    def asking_field(self) -> str:
        """The field that says what is asked."""
        return "source.request"

    @property
    def place(self) -> str:
        """The path of the request."""
        return self.request.path

    @property
    def codes_of_units(self) -> Mapping[str, str]:
        """How the other system names our reporting units."""
        return self.request.unit_codes

    def errors(self) -> Iterator[str]:
        """What does not go together."""
        yield from super().errors()
        yield from self._answer_errors()
        yield from self._cipher_errors()
        if getattr(self.paging, "place", "query") == "body":
            body = self.request.body
            if body is None or body.text is not None or isinstance(body.json_content, list):
                yield "paging.in: body needs request.body.json with fields, or request.body.form"

    def _cipher_errors(self) -> Iterator[str]:
        if self.cipher is None:
            return
        body = self.request.body
        if self.cipher.request is not None and (body is None or body.json_content is None):
            yield "cipher.request needs request.body.json, whose content is encrypted"
        elif self.cipher.request is not None and body is not None and not has_field(body.json_content, self.cipher.request):
            yield f"cipher.request: request.body.json has no field {self.cipher.request}"
        if self.cipher.answer not in {None, WHOLE} and self.answer != "json":
            yield "cipher.answer is a path in JSON: with another answer, the whole of it is encrypted (cipher.answer: $)"

    def _answer_errors(self) -> Iterator[str]:
        if self.answer in {"file", "json_lines"}:
            for field in ("records", "total"):
                if field in self.model_fields_set and getattr(self, field) != WHOLE:
                    yield f"{field} goes with answer: json or xml"
        if self.container is not None and self.answer != "file":
            yield "container goes with answer: file"
        if self.answer == "file":
            for field in ("key", "updated_field"):
                if getattr(self, field) is not None:
                    yield f"{field} goes with records, and answer: file is none"
            if not isinstance(self.paging, NoPaging):
                yield "answer: file is one answer: leave out paging"
        if self.answer == "json_lines" and isinstance(self.paging, CursorPaging | NextUrlPaging):
            yield f"paging.kind {self.paging.kind} needs answer: json or xml, which can hold more than records"
