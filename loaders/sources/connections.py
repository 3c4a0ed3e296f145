"""Opens a connection's URL as a file system. Host keys are checked unless the URL says otherwise in so many words."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import fsspec

from loaders.sources.errors import SourceError
from loaders.sources.retry import TryAgain, with_retries


def open_file_system(connection: str, url: str, timeout: float) -> tuple[Any, str]:
    """The file system behind a URL, and the path that the URL names in it.

    `file:///folder`; `sftp://user:password@host:port/folder` with `?host_key=ssh-ed25519 AAAA…`, `?known_hosts=/path` or
    `?host_key_check=no`; `s3://key:secret@bucket/prefix?endpoint_url=…`.

    Raises:
        SourceError: the scheme is another, the host cannot be reached, or it refuses us.
    """
    parts = urlsplit(url)
    match parts.scheme:
        case "file":
            return fsspec.filesystem("file"), unquote(parts.path)
        case "sftp" | "ssh":
            return _open_sftp(connection, url, timeout), unquote(parts.path) or "/"
        case "s3":
            return _open_s3(url), f"{parts.hostname}{unquote(parts.path)}".rstrip("/")
    raise SourceError(
        connection, f'expected a file://, sftp:// or s3:// URL, found "{parts.scheme}://"', next_step="correct the connection"
    )


def _open_sftp(connection: str, url: str, timeout: float) -> Any:
    import asyncssh
    from sshfs import SSHFileSystem

    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 22
    options = {
        "port": port,
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "known_hosts": _known_hosts(connection, url, host, port),
        "connect_timeout": timeout,
        "login_timeout": timeout,
        "client_keys": None,
        "agent_path": None,
        "skip_instance_cache": True,
    }

    def attempt() -> Any:
        try:
            return SSHFileSystem(host, **options)
        except (asyncssh.PermissionDenied, asyncssh.HostKeyNotVerifiable, asyncssh.KeyExchangeFailed) as error:
            raise SourceError(
                connection, f"{host}:{port} does not let us in ({error})", next_step="check user, password and host key"
            ) from error
        except (OSError, asyncssh.Error) as error:
            raise TryAgain(f"{host}:{port} cannot be reached ({error})") from error

    try:
        return with_retries(attempt)
    except TryAgain as failure:
        raise SourceError(connection, str(failure), next_step="check that the server runs and the network lets us through") from (
            failure
        )


def _known_hosts(connection: str, url: str, host: str, port: int) -> Any:
    query = parse_qs(urlsplit(url).query)
    if "host_key" in query:
        return f"[{host}]:{port} {query['host_key'][0]}\n{host} {query['host_key'][0]}\n".encode()
    if "known_hosts" in query:
        return query["known_hosts"][0]
    if query.get("host_key_check") == ["no"]:
        return None
    raise SourceError(
        connection,
        "the URL does not say which host key to trust",
        next_step="add ?host_key=TYPE BASE64 or ?known_hosts=PATH to it (or ?host_key_check=no, for tests only)",
    )


def _open_s3(url: str) -> Any:
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return fsspec.filesystem(
        "s3",
        key=unquote(parts.username) if parts.username else None,
        secret=unquote(parts.password) if parts.password else None,
        client_kwargs={"endpoint_url": query["endpoint_url"]} if "endpoint_url" in query else {},
        skip_instance_cache=True,
    )
