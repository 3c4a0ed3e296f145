"""URLs of connections: their password, and whether two name the same database.

Shared layer: pure functions over text, imports nothing of ours.
"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def password_of(url: str) -> str | None:
    """Returns the password of a URL, decoded; None without one, or where the text is no URL."""
    try:
        password = urlsplit(url).password
    except ValueError:
        return None
    return None if password is None else unquote(password)


def is_same_database(one: str, other: str) -> bool:
    """Returns whether two URLs lead to the same database of the same server, whoever enters it."""
    return _database_of(one) == _database_of(other)


def _database_of(url: str) -> tuple[str, int, str]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "localhost", parts.port or 5432
    except ValueError:
        return url, 0, ""
    return "localhost" if host in _LOOPBACK else host, port, parts.path.strip("/")
