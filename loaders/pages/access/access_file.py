"""Who may open the pages of a deployment: `pages/access.yml`. The file may be absent; then nobody has an account.

It holds hashes of tokens, never a token. The secret of OpenID Connect is the password of a connection.

    tokens:
      - {name: 惠城区民政局, role: county, units: ["441302"], sha256: 9f86d0…, until: 2027-12-31}
    oidc:
      issuer: https://login.example.gov.cn/realms/city
      client_id: huimin
      connection: pages_oidc
      grants:
        - {value: civil-affairs-441302, role: county, units: ["441302"]}
        - {value: data-engineers, role: operator}
    check: {without_account: true}
    metrics: {sha256: [4bc2e0…], networks: ["10.0.0.0/24"]}
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import Field, ValidationError

from loaders.contract.strict_model import Identifier, StrictModel
from loaders.pages.access.viewer import Role
from loaders.pages.changed_files import ChangedFiles
from loaders.settings import deployment_from_environment

_UNIT_ROLES = frozenset({"unit", "county"})


class AccessError(ValueError):
    """The file cannot be used; the message lists each error with its field."""


class Grant(StrictModel):
    """A role, and the codes of the units or counties that it is for; none at the roles city and operator, which see all."""

    role: Literal["unit", "county", "city", "operator"]
    units: frozenset[str] = frozenset()

    @property
    def page_role(self) -> Role:
        """The role on the pages."""
        return Role[self.role.upper()]

    def errors(self) -> Iterator[str]:
        """Units where they are missing or mean nothing."""
        if bool(self.units) is not (self.role in _UNIT_ROLES):
            yield "units: name them at the roles unit and county, and none at the roles city and operator"


class TokenGrant(Grant):
    """Whoever has the token of this hash. `until` is the last day on which it is good."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    until: dt.date | None = None


class ClaimGrant(Grant):
    """Whoever's claim has this value."""

    value: Annotated[str, Field(min_length=1)]


class Oidc(StrictModel):
    """An OpenID Connect provider. `claim` is the one whose values grant roles; `name_claim` is shown.

    `public_url` is the address of the pages as browsers know it, where a proxy is before them.
    """

    issuer: Annotated[str, Field(pattern=r"^https?://[^\s?#]+$")]
    client_id: str
    connection: Identifier
    scopes: tuple[str, ...] = ("openid", "profile")
    claim: str = "groups"
    name_claim: str = "name"
    public_url: Annotated[str, Field(pattern=r"^https?://[^\s?#]+[^/]$")] | None = None
    grants: tuple[ClaimGrant, ...] = Field(min_length=1)


class CheckLimits(StrictModel):
    """Who may check a file, how large it may be, and how many a minute one address may send."""

    without_account: bool = False
    most_megabytes: int = Field(default=20, ge=1, le=200)
    per_minute: int = Field(default=6, ge=1, le=600)


class MetricsAccess(StrictModel):
    """Who may read `/metrics`: whoever has a token of these hashes; without any, whoever asks from one of the networks.

    Loopback alone, unless the file says otherwise. Networks do not count for what a proxy passed on.
    """

    sha256: tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")], ...] = ()
    networks: tuple[str, ...] = ("127.0.0.0/8", "::1/128")

    def errors(self) -> Iterator[str]:
        """Networks that are none."""
        for network in self.networks:
            try:
                ipaddress.ip_network(network)
            except ValueError as error:
                yield f"networks: expected a network such as 10.0.0.0/24: {error}"


class PageAccess(StrictModel):
    """The whole file."""

    tokens: tuple[TokenGrant, ...] = ()
    oidc: Oidc | None = None
    check: CheckLimits = CheckLimits()
    metrics: MetricsAccess = MetricsAccess()

    def errors(self) -> Iterator[str]:
        """Tokens that two entries share."""
        if len({token.sha256 for token in self.tokens}) < len(self.tokens):
            yield "tokens: two entries have the same sha256"


def access_path() -> Path:
    """Returns where the file of the deployment is."""
    return deployment_from_environment() / "pages" / "access.yml"


def access_file(path: Path) -> ChangedFiles[PageAccess]:
    """Returns the file as it is at any time, so that a token is withdrawn at once."""
    return ChangedFiles(lambda: [path], lambda: load_access(path), seconds=0)


def load_access(path: Path) -> PageAccess:
    """Reads the file; no account where there is none.

    Raises:
        AccessError: the file holds something else.
    """
    if not path.exists():
        return PageAccess()
    try:
        return PageAccess.model_validate(yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader) or {})
    except (yaml.YAMLError, OSError, UnicodeDecodeError) as error:
        raise AccessError(f"{path.name}: cannot be read: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        # Without the input: it may be a token that somebody put where its hash belongs.
        lines = (
            f"{path.name}: {'.'.join(map(str, one['loc']))}: {one['msg'].removeprefix('Value error, ')}" for one in error.errors()
        )
        raise AccessError("\n".join(lines)) from None
