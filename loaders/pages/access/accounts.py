"""Who sent a request, told by the cookie of a login: a token of the access file, or a session that this program signed."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Iterable

import jwt
from fastapi import Request
from starlette.responses import Response

from loaders.pages.access.access_file import Grant, Oidc, PageAccess
from loaders.pages.access.oidc import OidcClient
from loaders.pages.access.viewer import ANYONE, Role, Viewer
from loaders.pages.changed_files import ChangedFiles
from loaders.period import local_today

COOKIE = "huimin_login"
_TOKEN, _SESSION = "token.", "session."
_SESSION_SECONDS = 8 * 3600
_ALGORITHM = "HS256"
_PURPOSE = b"session of the pages"
_BYTES_OF_A_TOKEN = 32


def new_token() -> tuple[str, str]:
    """Returns a token that cannot be guessed, and the hash that the access file holds of it."""
    token = secrets.token_urlsafe(_BYTES_OF_A_TOKEN)
    return token, token_sha256(token)


def token_sha256(token: str) -> str:
    """Returns the hash of a token. A token is random, so that no slow hash is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


class Accounts:
    """The accounts of a deployment, as its access file has them.

    `units_within` gives the reporting units that lie within some codes. `secret` is that of the OpenID Connect client.
    """

    def __init__(
        self, file: ChangedFiles[PageAccess], units_within: Callable[[Iterable[str]], frozenset[str]], secret: str = ""
    ) -> None:
        self._secret = secret
        self._client: tuple[Oidc, OidcClient] | None = None
        self._file = file
        self._units_within = units_within
        self._key = hmac.new(secret.encode(), _PURPOSE, hashlib.sha256).digest() if secret else secrets.token_bytes(32)

    @property
    def access(self) -> PageAccess:
        """The file as it is now."""
        return self._file.value

    @property
    def key(self) -> bytes:
        """The key that signs sessions; without a provider, one of this process."""
        return self._key

    def authenticate(self, request: Request) -> Viewer:
        """Returns who sent a request."""
        cookie = request.cookies.get(COOKIE, "")
        if cookie.startswith(_TOKEN):
            return self.token_viewer(cookie.removeprefix(_TOKEN)) or ANYONE
        if cookie.startswith(_SESSION):
            return self._session_viewer(cookie.removeprefix(_SESSION)) or ANYONE
        return ANYONE

    def token_viewer(self, token: str) -> Viewer | None:
        """Returns whose token it is; None for one that is unknown or too old."""
        sha256 = token_sha256(token)
        grant = next((one for one in self.access.tokens if hmac.compare_digest(one.sha256, sha256)), None)
        if grant is None or (grant.until is not None and grant.until < local_today()):
            return None
        return self._viewer(grant.name, [grant])

    def claims_viewer(self, name: str, values: Iterable[str]) -> Viewer | None:
        """Returns the viewer of some values of the claim; None when no grant names one of them."""
        oidc: Oidc | None = self.access.oidc
        held = set(values)
        grants = [grant for grant in (oidc.grants if oidc else ()) if grant.value in held]
        return self._viewer(name, grants) if grants else None

    def client_of(self, oidc: Oidc) -> OidcClient:
        """Returns the client of a provider; the same one until the access file names another."""
        if self._client is None or self._client[0] != oidc:
            self._client = (oidc, OidcClient(oidc, self._secret, self._key))
        return self._client[1]

    def log_in(self, response: Response, request: Request, value: str) -> None:
        """Sets the cookie, which no script reads and no other site's page sends."""
        path = request.scope.get("root_path") or "/"
        is_secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, value, _SESSION_SECONDS, path=path, secure=is_secure, httponly=True, samesite="strict")

    def log_out(self, response: Response, request: Request) -> None:
        """Deletes the cookie."""
        response.delete_cookie(COOKIE, path=request.scope.get("root_path") or "/")

    def token_cookie(self, token: str) -> str:
        """The value of the cookie of somebody with a token."""
        return _TOKEN + token

    def session_cookie(self, name: str, values: Iterable[str]) -> str:
        """The value of the cookie of somebody whom the provider named. Grants are looked up at each request."""
        content = {"name": name, "values": sorted(values), "exp": int(time.time()) + _SESSION_SECONDS}
        return _SESSION + jwt.encode(content, self._key, _ALGORITHM)

    def _session_viewer(self, session: str) -> Viewer | None:
        try:
            content = jwt.decode(session, self._key, [_ALGORITHM], options={"require": ["exp", "name", "values"]})
        except jwt.PyJWTError:
            return None
        return self.claims_viewer(str(content["name"]), content["values"])

    def _viewer(self, name: str, grants: Iterable[Grant]) -> Viewer:
        """The highest role, and the units of all grants; a role that sees all sees all."""
        listed = list(grants)
        role = max(grant.page_role for grant in listed)
        if role >= Role.CITY:
            return Viewer(name, role, None)
        own = frozenset[str]().union(*(grant.units for grant in listed if grant.role == "unit"))
        counties = frozenset[str]().union(*(grant.units for grant in listed if grant.role == "county"))
        return Viewer(name, role, own | (self._units_within(counties) if counties else frozenset()))
