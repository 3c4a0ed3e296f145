"""A SOAP service, described by a WSDL file beside the contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from loaders.contract.sources.answer_path import AnswerPath
from loaders.contract.sources.asked_source import AskedSource
from loaders.contract.sources.http.auth import BasicAuth, MutualTls, NoAuth
from loaders.contract.sources.http.paging import LinkPaging, NextUrlPaging
from loaders.contract.sources.request_values import names_in, template_errors
from loaders.contract.strict_model import StrictModel


class UsernameToken(StrictModel):
    """The UsernameToken of WS-Security, with user and password of the connection; the password as it is, or as a `digest`.

    Example:
        auth: {kind: username_token, digest: true}
    """

    kind: Literal["username_token"] = "username_token"
    digest: bool = False


SoapAuth = Annotated[NoAuth | BasicAuth | MutualTls | UsernameToken, Field(discriminator="kind")]


class EmbeddedText(StrictModel):
    """A text within the answer that is XML or JSON itself: `{path: return, format: xml}`."""

    path: AnswerPath
    format: Literal["xml", "json"]


class Soap(AskedSource):
    """An operation of a SOAP service, 1.1 or 1.2 as the WSDL says.

    `wsdl` is a file below the folder of the contract; it is never fetched. `path` is the endpoint's path on the connection's
    host, where that is not the path of the connection's URL; the address in the WSDL is not used. `port` chooses among several.
    `arguments` hold the named values of an HTTP request (`{unit}`, `{period:%Y%m}`, `{window_end}`, `{since}`); they are sent as
    texts, and converted as the WSDL says. `unit_codes` says how the other system names our reporting units. What is asked for,
    paging, success, the total, the key and the update time are described as for an HTTP API; the parameters of paging are
    arguments (`page: pageInfo.pageNo` is an element in an element).

    `records` is the path of the records below the first element of the body, by names without namespaces. `embedded` is a text
    at a path below it that is XML or JSON itself; then all other paths are in that text. The fields of a record are its
    elements, `part.name` for an element in an element, `@id` for an attribute.

    Example:
        source:
          kind: soap
          connection: register_service
          wsdl: register.wsdl
          operation: QueryOrganizations
          arguments: {areaCode: "{unit}", month: "{period:%Y%m}"}
          asks_for: unit_and_period
          periods: {back: 2, again: 2, current: true}
          auth: {kind: username_token, digest: true}
          success: {path: code, values: [0]}
          records: list.item
          key: orgCode
          updated_field: updateTime
    """

    kind: Literal["soap"] = "soap"
    wsdl: str = Field(pattern=r"^[^/\\].*\.(wsdl|xml)$")
    path: str = Field(default="", pattern=r"^(/\S*)?$")
    port: str | None = None
    operation: str = Field(min_length=1)
    arguments: dict[str, Any] = Field(default_factory=dict)
    unit_codes: dict[str, str] = Field(default_factory=dict)
    auth: SoapAuth = NoAuth()
    embedded: EmbeddedText | None = None
    records: AnswerPath

    @property
    def value_names(self) -> frozenset[str]:
        """The named values that the arguments use."""
        return names_in(self.arguments)

    @property
    def asking_field(self) -> str:
        """The field that says what is asked."""
        return "source.arguments"

    @property
    def place(self) -> str:
        """The operation."""
        return self.operation

    @property
    def codes_of_units(self) -> Mapping[str, str]:
        """How the other system names our reporting units."""
        return self.unit_codes

    def errors(self) -> Iterator[str]:
        """Values that a request does not have, documents that would all be the same, and paging that SOAP does not have."""
        yield from super().errors()
        yield from template_errors("arguments", self.arguments)
        if isinstance(self.paging, LinkPaging | NextUrlPaging):
            yield f"paging.kind {self.paging.kind} is of HTTP: a service has page_number, offset or cursor"
        if "place" in self.paging.model_fields_set:
            yield "paging.in: the parameters of a service are arguments, leave it out"
        if "://" in self.wsdl:
            yield "wsdl is a file beside the contract and never fetched: save it there"
        if ".." in self.wsdl.split("/"):
            yield "wsdl must lie in the folder of the contract or below it, without .."
