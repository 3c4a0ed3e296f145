"""Login by OpenID Connect: authorization code with PKCE. The provider is asked for its addresses at the first login."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import jwt

from loaders.pages.access.access_file import Oidc

_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
_TIMEOUT_SECONDS = 10.0
_LEEWAY_SECONDS = 60
_LOGIN_SECONDS = 600
_STATE_ALGORITHM = "HS256"


class LoginRefused(Exception):
    """The provider's answer cannot be trusted or names nobody. The message is for the log and holds no secret."""


@dataclass(frozen=True, slots=True)
class LoginAttempt:
    """A login under way: the address to go to, and what the browser keeps meanwhile, signed."""

    url: str
    kept: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who logged in: the name to show, and the values of the claim that grants roles."""

    name: str
    values: tuple[str, ...]


class OidcClient:
    """A client of one provider. `secret` may be empty for a public client; `key` signs what the browser keeps."""

    def __init__(self, config: Oidc, secret: str, key: bytes) -> None:
        self._config = config
        self._secret = secret
        self._key = key
        self._lock = threading.Lock()
        self._found: dict[str, Any] | None = None

    def begin(self, redirect_uri: str, next_path: str) -> LoginAttempt:
        """Returns where the browser goes to log in.

        Raises:
            LoginRefused: the provider does not answer.
        """
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self._config.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(self._config.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        kept = {"state": state, "nonce": nonce, "verifier": verifier, "redirect_uri": redirect_uri, "next": next_path}
        signed = jwt.encode({**kept, "exp": int(time.time()) + _LOGIN_SECONDS}, self._key, _STATE_ALGORITHM)
        return LoginAttempt(f"{self._metadata()['authorization_endpoint']}?{urlencode(query)}", signed)

    def finish(self, kept: str, answer: Mapping[str, str]) -> tuple[Identity, str]:
        """Returns who logged in, and the path that was asked for, from the provider's answer.

        Raises:
            LoginRefused: the answer is not that of this login, or the provider's token is not good.
        """
        try:
            attempt = jwt.decode(kept, self._key, [_STATE_ALGORITHM], options={"require": ["exp"]})
        except jwt.PyJWTError as error:
            raise LoginRefused("the login was not begun in this browser, or took too long") from error
        if not hmac.compare_digest(answer.get("state", "").encode(), str(attempt["state"]).encode()):
            raise LoginRefused("the answer is that of another login")
        if "code" not in answer:
            raise LoginRefused(f"the provider refused: {answer.get('error', 'no code')}")
        token = self._exchange(answer["code"], attempt)
        claims = self._verified(token, attempt["nonce"])
        return self._identity(claims), str(attempt["next"])

    def _exchange(self, code: str, attempt: Mapping[str, str]) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": attempt["redirect_uri"],
            "client_id": self._config.client_id,
            "code_verifier": attempt["verifier"],
        }
        form |= {"client_secret": self._secret} if self._secret else {}
        answer = self._ask("POST", self._metadata()["token_endpoint"], data=form)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise LoginRefused("the provider gave no id_token")
        return token

    def _verified(self, token: str, nonce: str) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._signing_key(token),
                list(_ALGORITHMS),
                audience=self._config.client_id,
                issuer=self._config.issuer,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except jwt.PyJWTError as error:
            raise LoginRefused(f"the id_token is not good: {type(error).__name__}") from error
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise LoginRefused("the id_token is that of another login")
        if claims.get("azp", self._config.client_id) != self._config.client_id:
            raise LoginRefused("the id_token is for another client")
        return claims

    def _signing_key(self, token: str) -> jwt.PyJWK:
        wanted = jwt.get_unverified_header(token).get("kid")
        # Asked at each login: keys of a provider are changed without notice.
        listed = jwt.PyJWKSet.from_dict(self._ask("GET", self._metadata()["jwks_uri"])).keys
        found = [key for key in listed if wanted is None or key.key_id == wanted]
        if len(found) != 1:
            raise LoginRefused("the provider lists no key of the id_token")
        return found[0]

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        held = claims.get(self._config.claim)
        values = (held,) if isinstance(held, str) else tuple(map(str, held)) if isinstance(held, list) else ()
        name = claims.get(self._config.name_claim) or claims.get("preferred_username") or claims["sub"]
        return Identity(str(name)[:80], values)

    def _metadata(self) -> dict[str, Any]:
        with self._lock:
            if self._found is None:
                found = self._ask("GET", f"{self._config.issuer.rstrip('/')}/.well-known/openid-configuration")
                if found.get("issuer") != self._config.issuer:
                    raise LoginRefused("the provider names another issuer than the access file")
                self._found = found
            return self._found

    def _ask(self, method: str, url: str, **arguments: Any) -> dict[str, Any]:
        try:
            answer = httpx.request(method, url, timeout=_TIMEOUT_SECONDS, headers={"Accept": "application/json"}, **arguments)
            answer.raise_for_status()
            content: Any = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise LoginRefused(f"the provider does not answer as expected: {type(error).__name__}") from error
        if not isinstance(content, dict):
            raise LoginRefused("the provider does not answer as expected")
        return content
