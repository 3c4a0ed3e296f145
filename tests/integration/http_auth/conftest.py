"""A server and clients with the authentication under test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from pydantic import TypeAdapter

from loaders.contract.sources.http.auth import HttpAuth
from loaders.sources.http.auth import credentials_of, make_auth, make_ssl_context
from tests.support.servers.background import Background
from tests.support.servers.guarded_api import GuardedApi, json_answer

Open = Callable[..., httpx.Client]


@pytest.fixture
def background() -> Iterator[Background]:
    with Background() as running:
        yield running


@pytest.fixture
def api(background: Background) -> Iterator[GuardedApi]:
    running = GuardedApi(background, lambda seen: json_answer({"records": []}))
    yield running
    running.close()


@pytest.fixture
def open_client() -> Iterator[Open]:
    """Opens a client as a source does: by a contract's `auth` and the URL of a connection."""
    opened: list[httpx.Client] = []

    def open_one(auth: dict[str, Any], url: str, timeout: float = 5.0) -> httpx.Client:
        model: HttpAuth = TypeAdapter(HttpAuth).validate_python(auth)
        credentials = credentials_of("register", url)
        client = httpx.Client(
            base_url=credentials.origin,
            auth=make_auth(model, credentials),
            verify=make_ssl_context(model, credentials) or True,
            timeout=timeout,
            trust_env=False,
        )
        opened.append(client)
        return client

    yield open_one
    for client in opened:
        client.close()
