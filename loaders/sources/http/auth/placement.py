"""Puts tokens, keys and signatures into a request, and keeps them out of logs."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

import httpx

from loaders.contract.sources.http.tokens import TokenPlace
from loaders.sources.http.auth.credentials import Credentials


class _HideQueries(logging.Filter):
    """Removes queries from the addresses that httpx logs: they may hold a key, a token or a signature."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_without_query(value) for value in record.args)
        return True


def _without_query(value: object) -> object:
    return f"{value.scheme}://{value.netloc.decode()}{value.path}" if isinstance(value, httpx.URL) else value


logging.getLogger("httpx").addFilter(_HideQueries())


def set_header(request: httpx.Request, name: str, value: str, credentials: Credentials, field: str) -> None:
    """Sets a header of a request.

    Raises:
        SourceError: the value cannot be in a header. The HTTP library would quote it in its own message.
    """
    if not value.isascii() or not value.isprintable():
        raise credentials.error(
            f"the value for header {name} ({field}) holds a line break or a character that is not ASCII",
            f"correct the secret of the connection, or {field}",
        )
    request.headers[name] = value


def set_query(request: httpx.Request, name: str, value: str) -> None:
    """Adds a parameter to the query of a request, or replaces it. The rest of the query stays as it is, in its order."""
    request.url = request.url.copy_set_param(name, value)


def place_token(request: httpx.Request, token: str, place: TokenPlace, credentials: Credentials) -> None:
    """Puts a token where the contract says.

    Raises:
        SourceError: it cannot be in a header.
    """
    if place.header is not None:
        set_header(request, place.header, place.prefix + token, credentials, "source.auth")
    elif place.query is not None:
        set_query(request, place.query, token)


def path_of(url: str) -> str:
    """Returns the path of a URL, which is all that a message shows of it."""
    return urlsplit(url).path or "/"
