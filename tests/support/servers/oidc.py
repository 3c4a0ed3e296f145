"""An OpenID Connect provider on loopback: discovery, keys, authorization with PKCE, and tokens that can be made wrong."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.support.servers.background import Background
from tests.support.servers.little import LittleServer

CLIENT, SECRET = "huimin", "client-secret-0123456789"


class Provider:
    """The provider. `claims` are those of whoever logs in; `wrong` replaces claims of the token; `key` signs it."""

    def __init__(self, background: Background) -> None:
        self.claims: dict[str, Any] = {"sub": "u1", "name": "张三", "groups": ["county-441302"]}
        self.wrong: dict[str, Any] = {}
        self.listed_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.key: Any = self.listed_key
        self.algorithm = "RS256"
        self._codes: dict[str, dict[str, str]] = {}
        self.server = LittleServer(background, self._answer)

    @property
    def issuer(self) -> str:
        """The issuer's address."""
        return f"http://{self.server.base}"

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        match request.path:
            case "/.well-known/openid-configuration":
                names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
                found = {name: f"{self.issuer}/{path}" for name, path in names.items()}
                return web.json_response({"issuer": self.issuer, **found})
            case "/keys":
                key = jwt.algorithms.RSAAlgorithm.to_jwk(self.listed_key.public_key(), as_dict=True)
                return web.json_response({"keys": [{**key, "kid": "k1", "use": "sig", "alg": "RS256"}]})
            case "/authorize":
                return self._authorize(dict(request.query))
            case "/token":
                return self._token(dict(await request.post()))
        return web.json_response({}, status=404)

    def _authorize(self, query: dict[str, str]) -> web.Response:
        assert (query["client_id"], query["response_type"], query["code_challenge_method"]) == (CLIENT, "code", "S256")
        code = f"code-{len(self._codes)}"
        self._codes[code] = query
        target = f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"
        return web.Response(status=302, headers={"location": target})

    def _token(self, form: dict[str, Any]) -> web.Response:
        asked = self._codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        is_good = asked is not None and (challenge, form["client_secret"], form["redirect_uri"]) == (
            asked["code_challenge"],
            SECRET,
            asked["redirect_uri"],
        )
        if asked is None or not is_good:
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = int(time.time())
        facts = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        content = {name: value for name, value in {**facts, **self.claims, **self.wrong}.items() if value is not None}
        token = jwt.encode(content, self.key, self.algorithm, {"kid": "k1"})
        return web.json_response({"id_token": token, "access_token": "unused", "token_type": "Bearer"})


@contextmanager
def provider() -> Iterator[Provider]:
    """Runs a provider for the body of a with statement."""
    with Background() as background:
        made = Provider(background)
        try:
            yield made
        finally:
            made.server.close()
