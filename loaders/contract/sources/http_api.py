"""An HTTP API."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from loaders.contract.sources.http_auth import HttpAuth, NoAuth
from loaders.contract.strict_model import Identifier, StrictModel


class HttpApi(StrictModel):
    """A paged JSON API. `auth` says how requests are authenticated.

    `key` names the record field that tells one record from another.

    Every `full_compare_days` the whole register is pulled and compared, though nothing seems to have changed.
    """

    kind: Literal["http_api"] = "http_api"
    connection: Identifier
    path: str
    auth: HttpAuth = NoAuth()
    key: str
    updated_field: str
    page_size: int = Field(default=500, ge=1, le=10_000)
    full_compare_days: float = Field(default=7.0, ge=0)
