"""The request that an HTTP source sends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from loaders.contract.sources.request_values import names_in, template_errors
from loaders.contract.strict_model import StrictModel

_HEADER_NAME = r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$"


class RequestBody(StrictModel):
    """What a request sends, in one of three forms; texts may hold named values.

    `{json: {month: "{period}", filter: {open: true}}}`, `{form: {month: "{period:%Y%m}"}}`, or
    `{text: "<q><m>{period}</m></q>", content_type: text/xml}`.
    """

    json_content: dict[str, Any] | list[Any] | None = Field(default=None, alias="json")
    form: dict[str, str] | None = None
    text: str | None = None
    content_type: str | None = None

    def errors(self) -> Iterator[str]:
        """No form or several, or a type of content where the form decides it."""
        if sum(part is not None for part in (self.json_content, self.form, self.text)) != 1:
            yield "body holds one of json, form and text"
        if self.content_type is not None and self.text is None:
            yield "content_type goes with text, json and form have their own"

    @property
    def templates(self) -> Any:
        """The texts that may hold named values."""
        return self.json_content or self.form or self.text


class HttpRequest(StrictModel):
    """What is asked, with the named values `{period}`, `{unit}`, `{window_start}`, `{window_end}` and `{since}` in texts.

    `{method: POST, path: /api/visits, query: {month: "{period:%Y%m}"}, headers: {X-Tenant: hz}, body: {json: {unit: "{unit}"}}}`.
    `path` is below the connection's URL. A parameter with `{since}` is sent only when the question is whether anything changed.
    `unit_codes` says how the other system names our reporting units: `{"441302": HC, "441303": HY}`.
    """

    path: str = Field(pattern=r"^/[^?#\s]*$")
    method: Literal["GET", "POST", "PUT"] = "GET"
    headers: dict[Annotated[str, Field(pattern=_HEADER_NAME)], str] = Field(default_factory=dict)
    query: dict[str, str | int | bool] = Field(default_factory=dict)
    body: RequestBody | None = None
    unit_codes: dict[str, str] = Field(default_factory=dict)

    def errors(self) -> Iterator[str]:
        """A body that the method does not send, and templates that are none."""
        if self.body is not None and self.method == "GET":
            yield "a GET sends no body: say method: POST, or move it to query"
        for field, content in (("path", self.path), ("headers", self.headers), ("query", self.query)):
            yield from template_errors(field, content)
        if self.body is not None:
            yield from template_errors("body", self.body.templates)
        fixed = (self.path, self.body.text if self.body else None)
        if any("since" in names_in(text) for text in fixed):
            yield "{since} is not known at the first pull: put it into query, headers or a field of the body"

    @property
    def value_names(self) -> frozenset[str]:
        """The named values that the request uses."""
        return names_in([self.path, self.headers, self.query, self.body.templates if self.body else None])
