"""A SOAP service, described by a WSDL file beside the contract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from loaders.contract.sources.answer_code import AnswerCode
from loaders.contract.sources.http.auth import BasicAuth, MutualTls, NoAuth
from loaders.contract.sources.named_values import AnswerPath, names_in, unknown_names
from loaders.contract.strict_model import Identifier, StrictModel

_PERIOD_VALUES = (
    "period",
    "period_compact",
    "window_start",
    "window_end",
    "window_start_compact",
    "window_end_compact",
)


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


class Soap(StrictModel):
    """An operation of a SOAP service, 1.1 or 1.2 as the WSDL says.

    `wsdl` is a file below the folder of the contract; it is never fetched. `path` is the endpoint's path on the connection's
    host, where that is not the path of the connection's URL; the address in the WSDL is not used. `port` chooses among several.
    `asks_for` is what one request, and so one document, holds; periods are asked for `periods_back` times before the present one.

    Values of `arguments`: `{unit}` where units are asked for; where periods are: `{period}` (`2023-06`), `{period_compact}`
    (`202306`), the first and last day as `{window_start}`, `{window_end}` (`2023-06-30`), `{window_start_compact}` and
    `{window_end_compact}` (`20230630`). Texts are sent as they are, and converted as the WSDL says.

    `records` is the path of the records below the first element of the body, by names without namespaces. `embedded` is a text
    at a path below it that is XML or JSON itself; then `records` and `success` are paths in that text. The fields of a record are
    its elements, `part.name` for an element in an element, `@id` for an attribute.

    Example:
        source:
          kind: soap
          connection: register_service
          wsdl: register.wsdl
          operation: QueryOrganizations
          arguments: {areaCode: "{unit}", month: "{period_compact}"}
          asks_for: unit_and_period
          auth: {kind: username_token, digest: true}
          success: {path: code, values: [0]}
          records: list.item
          key: orgCode
          updated_field: updateTime
    """

    kind: Literal["soap"] = "soap"
    connection: Identifier
    wsdl: str = Field(pattern=r"^[^/\\].*\.(wsdl|xml)$")
    path: str = Field(default="", pattern=r"^(/\S*)?$")
    port: str | None = None
    operation: str = Field(min_length=1)
    arguments: dict[str, Any] = Field(default_factory=dict)
    asks_for: Literal["register", "period", "unit", "unit_and_period"] = "register"
    periods_back: int = Field(default=2, ge=0, le=120)
    auth: SoapAuth = NoAuth()
    success: AnswerCode | None = None
    embedded: EmbeddedText | None = None
    records: AnswerPath
    key: str
    updated_field: str | None = None
    full_compare_days: float = Field(default=7.0, ge=0)

    @property
    def asks_for_units(self) -> bool:
        """Whether a request is for one unit."""
        return self.asks_for in {"unit", "unit_and_period"}

    @property
    def asks_for_periods(self) -> bool:
        """Whether a request is for one period."""
        return self.asks_for in {"period", "unit_and_period"}

    def errors(self) -> Iterator[str]:
        """Values that a request does not have, and documents that would all be the same."""
        known = (("unit",) if self.asks_for_units else ()) + (_PERIOD_VALUES if self.asks_for_periods else ())
        yield from unknown_names("arguments", self.arguments, known)
        named = names_in(self.arguments)
        if self.asks_for_units and "unit" not in named:
            yield f"asks_for: {self.asks_for} needs an argument with {{unit}}, or all units would get the same"
        if self.asks_for_periods and not named & set(_PERIOD_VALUES):
            yield f"asks_for: {self.asks_for} needs an argument with {{period}} or {{window_start}}"
        if "://" in self.wsdl:
            yield "wsdl is a file beside the contract and never fetched: save it there"
        if ".." in self.wsdl.split("/"):
            yield "wsdl must lie in the folder of the contract or below it, without .."
