"""An HTTP API, described: what to ask, how its answers are paged, and where its records are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from loaders.contract.sources.answer_path import WHOLE, AnswerPath, has_field
from loaders.contract.sources.container import Container
from loaders.contract.sources.http.auth import HttpAuth, NoAuth
from loaders.contract.sources.http.cipher import Sm4Cipher
from loaders.contract.sources.http.paging import CountedPaging, CursorPaging, NextUrlPaging, NoPaging, Paging
from loaders.contract.sources.http.request import HttpRequest
from loaders.contract.sources.request_values import PERIOD_NAMES
from loaders.contract.strict_model import Identifier, StrictModel

_UNITS_AND_PERIODS = {
    "register": (False, False),
    "period": (False, True),
    "unit": (True, False),
    "unit_and_period": (True, True),
}


class Success(StrictModel):
    """Where an answer says whether it is one: `{path: code, values: [0, "0000"], message: msg}`.

    A value is compared as text, so that 0 and "0" are the same. `message` is where the server says what is wrong.
    """

    path: AnswerPath
    values: tuple[bool | int | str, ...] = Field(min_length=1)
    message: AnswerPath = "message"


class AskedPeriods(StrictModel):
    """Which periods are asked for: `{back: 24, again: 2, current: true}`.

    The last `back` periods that have ended are asked for until they are known, the last `again` of them each time, because they
    may still change; with `current`, the period that has not ended too. A full comparison asks for all `back` again.
    """

    back: int = Field(default=12, ge=1, le=1_200)
    again: int = Field(default=1, ge=0, le=1_200)
    current: bool = False


class HttpApi(StrictModel):
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
    connection: Identifier
    request: HttpRequest
    auth: HttpAuth = Field(default_factory=NoAuth)
    cipher: Sm4Cipher | None = None
    asks_for: Literal["register", "period", "unit", "unit_and_period"] = "register"
    periods: AskedPeriods = Field(default_factory=AskedPeriods)
    paging: Paging = Field(default_factory=NoPaging)
    success: Success | None = None
    answer: Literal["json", "json_lines", "xml", "file"] = "json"
    container: Container | None = None
    encoding: Literal["utf-8", "gb18030", "utf-16"] | None = None
    records: AnswerPath = WHOLE
    total: AnswerPath | None = None
    key: str | None = None
    updated_field: str | None = None
    updated_format: str = Field(default="iso", pattern=r"^(iso|epoch_ms|epoch_s|.*%.*)$")
    full_compare_days: float = Field(default=7.0, ge=0)

    @property
    def is_per_unit(self) -> bool:
        """Whether one request is for one reporting unit."""
        return _UNITS_AND_PERIODS[self.asks_for][0]

    @property
    def is_per_period(self) -> bool:
        """Whether one request is for one period."""
        return _UNITS_AND_PERIODS[self.asks_for][1]

    @property
    def can_tell_changes(self) -> bool:
        """Whether a small request can ask how many records changed since the watermark."""
        return "since" in self.request.value_names

    def errors(self) -> Iterator[str]:
        """What does not go together."""
        yield from self._named_value_errors()
        yield from self._answer_errors()
        yield from self._cipher_errors()
        if getattr(self.paging, "place", "query") == "body":
            body = self.request.body
            if body is None or body.text is not None or isinstance(body.json_content, list):
                yield "paging.in: body needs request.body.json with fields, or request.body.form"
        if "periods" in self.model_fields_set and not self.is_per_period:
            yield "periods goes with asks_for: period or unit_and_period"

    def _named_value_errors(self) -> Iterator[str]:
        used = self.request.value_names
        for names, is_asked, values in (
            (PERIOD_NAMES, self.is_per_period, "period or unit_and_period"),
            (frozenset({"unit"}), self.is_per_unit, "unit or unit_and_period"),
        ):
            shown = " or ".join(f"{{{name}}}" for name in sorted(used & names or names))
            if used & names and not is_asked:
                yield f"request names {shown}: say asks_for: {values}"
            if is_asked and not used & names:
                yield f"asks_for: {self.asks_for} needs {shown} in request, or every answer would be the same"
        if self.request.unit_codes and not self.is_per_unit:
            yield "request.unit_codes goes with asks_for: unit or unit_and_period"
        if self.can_tell_changes and (self.asks_for != "register" or self.total is None or self.updated_field is None):
            yield "request names {since}, to ask how many records changed: say asks_for: register, total and updated_field"

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
        if self.total is not None and not isinstance(self.paging, CountedPaging | NoPaging):
            yield "total goes with paging.kind none, page_number or offset, the others end by themselves"
