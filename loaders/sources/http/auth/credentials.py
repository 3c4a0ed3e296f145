"""The credentials of an HTTP connection: who we are, our secret, and what else its URL names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from loaders.sources.connections import parse_connection_url
from loaders.sources.errors import SourceError


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the URL of an HTTP connection holds. Its repr shows neither the secret nor the extras.

    `origin` is `scheme://host:port`. `extras` are the parameters of the URL's query, such as `ca` and `client_cert`.
    """

    connection: str
    origin: str
    user: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    extras: Mapping[str, str] = field(default_factory=dict, repr=False)

    def error(self, what: str, next_step: str) -> SourceError:
        """Returns the error of this connection."""
        return SourceError(self.connection, what, next_step=next_step)

    def require_secret(self, kind: str) -> str:
        """Returns the secret.

        Raises:
            SourceError: the connection has none.
        """
        if not self.secret:
            raise self.error(
                f"source.auth.kind: {kind} needs a secret, but the connection has no password",
                "set its URL to https://USER:SECRET@host with special characters percent-encoded",
            )
        return self.secret

    def file(self, name: str) -> Path:
        """Returns the file that the parameter `name` of the connection's URL names.

        Raises:
            SourceError: the URL has no such parameter, or there is no such file.
        """
        if name not in self.extras:
            raise self.error(f"its URL has no {name}", f"add {name}=/path to its query")
        path = Path(self.extras[name])
        if not path.is_file():
            raise self.error(f"{name} of its URL names {path}, which is no file", f"correct {name}")
        return path


def credentials_of(connection: str, url: str) -> Credentials:
    """Returns the credentials in the URL of a connection: `https://user:secret@host:port/?ca=/path`.

    Raises:
        SourceError: it is no URL, or of another scheme than http and https.
    """
    parts = parse_connection_url(connection, url, ("http", "https"))
    return Credentials(
        connection,
        f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        dict(parse_qsl(parts.query)),
    )


def host_of(url: str) -> str:
    """Returns the host and port of a URL, the port also where it is the scheme's own: `api.example:443`."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
