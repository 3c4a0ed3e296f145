"""Opens a connection's URL as a file system. Host keys are checked unless the URL explicitly disables it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import fsspec

from loaders.sources.errors import SourceError
from loaders.sources.remote_files import RemoteFiles
from loaders.sources.retry import TransientError


def parse_connection_url(connection: str, url: str, schemes: tuple[str, ...]) -> SplitResult:
    """Returns the parts of a connection's URL.

    Raises:
        SourceError: it is no URL, or of another scheme. The message holds nothing of the URL but its scheme.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        # The library's message quotes the text that it could not parse, which may be part of a password.
        raise SourceError(
            connection,
            "its URL cannot be read",
            next_step="percent-encode the special characters of user and password (a slash is %2F)",
        ) from None
    if parts.scheme not in schemes or port == 0:
        wanted = ", ".join(f"{scheme}://" for scheme in schemes)
        raise SourceError(connection, f'expected a {wanted} URL, found "{parts.scheme}://"', next_step="correct the connection")
    return parts


def folder_of(connection: str, url: str) -> str:
    """Returns the path of a file URL in its file system.

    Raises:
        SourceError: the URL names a host where none belongs, or no bucket.
    """
    parts = parse_connection_url(connection, url, FILE_SCHEMES)
    if parts.scheme == "s3":
        return f"{parts.hostname or ''}{unquote(parts.path)}".rstrip("/")
    if parts.scheme == "file" and parts.netloc not in {"", "localhost"}:
        raise SourceError(
            connection,
            f'expected file:/// and an absolute path, found the host "{parts.hostname}"',
            next_step="write three slashes",
        )
    return unquote(parts.path) or "/"


def open_files(connection: str, url: str, timeout: float) -> RemoteFiles:
    """Opens the file system of a URL.

    `file:///folder`; `sftp://user:password@host:port/folder` with `?host_key=ssh-ed25519 AAAA…`, `?known_hosts=/path` or
    `?host_key_check=no`, and with `&client_key=/path` for a key instead of a password and `&path_encoding=gb18030` for a
    server that does not name its files in UTF-8; `s3://key:secret@bucket/prefix?endpoint_url=…`;
    `ftp://user:password@host:port/folder?encoding=gb18030` and `ftps://…?tls=implicit&ca=/path`; `webdav://user:password@host/folder`
    and `webdavs://…?ca=/path`.

    Raises:
        SourceError: the URL is wrong, or the host refuses us.
        TransientError: the host cannot be reached now.
    """
    parts = parse_connection_url(connection, url, FILE_SCHEMES)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return _TRANSPORTS[parts.scheme](connection, parts, query, timeout)


def _open_folder(connection: str, parts: SplitResult, query: dict[str, str], timeout: float) -> RemoteFiles:  # noqa: ARG001
    system = fsspec.filesystem("file")
    return RemoteFiles(connection, system, timeout, refusals=(PermissionError,), failures=(OSError,))


def _open_sftp(connection: str, parts: SplitResult, query: dict[str, str], timeout: float) -> RemoteFiles:
    import asyncssh
    from sshfs import SSHFileSystem

    host, port = parts.hostname or "", parts.port or 22
    options = {
        "port": port,
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "known_hosts": _known_hosts(connection, query, host, port),
        # The settings and keys of the account that runs this are not used.
        "config": None,
        "client_keys": [query["client_key"]] if "client_key" in query else None,
        "agent_path": None,
        "connect_timeout": timeout,
        "login_timeout": timeout,
        "keepalive_interval": timeout,
        "skip_instance_cache": True,
        # A name that is not in the server's encoding must not hide all the others.
        "sftp_client_kwargs": {"path_encoding": query.get("path_encoding", "utf-8"), "path_errors": "surrogateescape"},
    }
    try:
        system = SSHFileSystem(host, **options)
    # The file system raises one of the library's refusals as Python's own error.
    except (PermissionError, asyncssh.PermissionDenied, asyncssh.HostKeyNotVerifiable, asyncssh.KeyExchangeFailed) as error:
        raise SourceError(
            connection, f"{host}:{port} does not let us in ({error})", next_step="check user, password and host key"
        ) from error
    except asyncssh.KeyImportError as error:
        raise SourceError(connection, f"the client key cannot be used ({error})", next_step="correct client_key") from error
    except (OSError, asyncssh.Error) as error:
        raise TransientError(f"{host}:{port} cannot be reached ({error or type(error).__name__})") from error
    return RemoteFiles(
        connection,
        system,
        timeout,
        refusals=(PermissionError, asyncssh.SFTPPermissionDenied),
        # ValueError: the server opens no more channels.
        failures=(OSError, asyncssh.Error, ValueError),
        abort=lambda: system.loop.call_soon_threadsafe(system.client.abort),
    )


def _known_hosts(connection: str, query: dict[str, str], host: str, port: int) -> bytes | str | None:
    if "host_key" in query:
        # A plus sign that was not percent-encoded arrives as a space, which base64 does not have.
        kind, _, key = query["host_key"].partition(" ")
        key = key.replace(" ", "+")
        return f"[{host}]:{port} {kind} {key}\n{host} {kind} {key}\n".encode()
    if "known_hosts" in query:
        path = Path(query["known_hosts"])
        if not path.is_file():
            raise SourceError(connection, f"there is no file {path}", next_step="correct known_hosts in the URL")
        return str(path)
    if query.get("host_key_check") == "no":
        return None
    raise SourceError(
        connection,
        "the URL does not say which host key to trust",
        next_step="add ?host_key=TYPE BASE64 or ?known_hosts=PATH to it (or ?host_key_check=no, for tests only)",
    )


def _open_s3(connection: str, parts: SplitResult, query: dict[str, str], timeout: float) -> RemoteFiles:
    from botocore.exceptions import BotoCoreError, ClientError

    system: Any = fsspec.filesystem(
        "s3",
        key=unquote(parts.username) if parts.username else None,
        secret=unquote(parts.password) if parts.password else None,
        endpoint_url=query.get("endpoint_url"),
        # The library retries by itself, and so do we; once is enough.
        config_kwargs={"connect_timeout": timeout, "read_timeout": timeout, "retries": {"max_attempts": 0}},
        skip_instance_cache=True,
    )
    system.retries = 1
    failures = (OSError, BotoCoreError, ClientError)
    return RemoteFiles(connection, system, timeout, refusals=(PermissionError,), failures=failures, flat=True)


def _open_ftp(connection: str, parts: SplitResult, query: dict[str, str], timeout: float) -> RemoteFiles:
    from loaders.sources.transports.ftp import open_ftp

    return open_ftp(connection, parts, query, timeout)


def _open_webdav(connection: str, parts: SplitResult, query: dict[str, str], timeout: float) -> RemoteFiles:
    from loaders.sources.transports.webdav import open_webdav

    return open_webdav(connection, parts, query, timeout)


# A new transport is one line here and a module that opens it with the errors of its library.
_TRANSPORTS: dict[str, Callable[[str, SplitResult, dict[str, str], float], RemoteFiles]] = {
    "file": _open_folder,
    "sftp": _open_sftp,
    "ssh": _open_sftp,
    "s3": _open_s3,
    "ftp": _open_ftp,
    "ftps": _open_ftp,
    "webdav": _open_webdav,
    "webdavs": _open_webdav,
}
FILE_SCHEMES = tuple(_TRANSPORTS)
