"""FTP and FTPS (explicit and implicit TLS, passive mode) as a file system for `RemoteFiles`.

fsspec's stops at a name that is not in its encoding, and takes times from `LIST` without a year. Here names are bytes until the
URL's encoding decodes them, and times come from MLSD, else MDTM, else LIST.
"""

from __future__ import annotations

import datetime as dt
import ftplib
import posixpath
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import SplitResult, unquote

from loaders.sources.errors import SourceError
from loaders.sources.remote_files import RemoteFiles
from loaders.sources.retry import TransientError
from loaders.sources.transports.ftp_listing import ListedEntry, ftp_time, list_entry, mlsd_entry
from loaders.sources.transports.tls import certificate_refused, tls_context

_IMPLICIT_PORT = 990
# Each byte is one character of the library's strings, so that no name can stop a listing.
_BYTES = "latin-1"
FAILURES = (OSError, EOFError, ftplib.Error)


def open_ftp(connection: str, parts: SplitResult, query: Mapping[str, str], timeout: float) -> RemoteFiles:
    """Opens an FTP server.

    Raises:
        SourceError: the URL is wrong, the certificate is not trusted, or the server refuses us.
        TransientError: the server cannot be reached now.
    """
    host, encoding = parts.hostname or "", query.get("encoding", "utf-8")
    client = _client(connection, parts, query, timeout)
    port = parts.port or (_IMPLICIT_PORT if isinstance(client, _ImplicitTls) else ftplib.FTP_PORT)
    try:
        "".encode(encoding)
        client.connect(host, port)
        client.login(unquote(parts.username or "anonymous"), unquote(parts.password or ""))
        if isinstance(client, ftplib.FTP_TLS):
            client.prot_p()
        system = FtpSystem(client, encoding)
    except LookupError as error:
        raise SourceError(connection, f'there is no encoding "{encoding}"', next_step="correct encoding in the URL") from error
    except ssl.SSLCertVerificationError as error:
        client.close()
        raise certificate_refused(connection, f"{host}:{port}", error) from error
    except ftplib.error_perm as error:
        client.close()
        what = f"{host}:{port} does not let us in ({error})"
        raise SourceError(connection, what, next_step="check user and password; ftps:// where it asks for TLS") from error
    except FAILURES as error:
        client.close()
        raise TransientError(f"{host}:{port} cannot be reached ({error or type(error).__name__})") from error
    return RemoteFiles(connection, system, timeout, refusals=(PermissionError,), failures=FAILURES, close=system.close)


def _client(connection: str, parts: SplitResult, query: Mapping[str, str], timeout: float) -> ftplib.FTP:
    if parts.scheme == "ftp":
        return ftplib.FTP(timeout=timeout, encoding=_BYTES)  # noqa: S321 - the URL says ftp
    mode = query.get("tls", "implicit" if parts.port == _IMPLICIT_PORT else "explicit")
    if mode not in {"implicit", "explicit"}:
        raise SourceError(
            connection, f'expected tls=explicit or tls=implicit, found "{mode}"', next_step="correct tls in the URL"
        )
    kind = _ImplicitTls if mode == "implicit" else _ExplicitTls
    return kind(timeout=timeout, encoding=_BYTES, context=tls_context(connection, query))


class _ExplicitTls(ftplib.FTP_TLS):
    """TLS after `AUTH TLS`. Data connections continue the session, without which vsftpd and FileZilla refuse them."""

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int | None]:
        connection, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321 - wrapped below
        session = self.sock.session if isinstance(self.sock, ssl.SSLSocket) else None
        return self.context.wrap_socket(connection, server_hostname=self.host, session=session), size


class _ImplicitTls(_ExplicitTls):
    """TLS from the first byte."""

    def connect(self, host: str = "", port: int = 0, timeout: float = -999, source_address: Any = None) -> str:  # noqa: ARG002
        self.host, self.port = host, port
        plain = socket.create_connection((host, port), self.timeout)
        self.af = plain.family
        self.sock = self.context.wrap_socket(plain, server_hostname=host)
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()
        return self.welcome


class FtpSystem:
    """The calls of a file system that `RemoteFiles` needs. The sockets have time-outs, so each answer has a deadline."""

    def __init__(self, client: ftplib.FTP, encoding: str) -> None:
        self._client = client
        self._encoding = encoding
        self._features = self._read_features()
        self._has_mdtm = True
        if encoding.lower().replace("-", "") == "utf8" and "UTF8" in self._features:
            with suppress(ftplib.error_perm):
                client.sendcmd("OPTS UTF8 ON")

    def invalidate_cache(self) -> None:
        """Does nothing: nothing is cached."""

    def ls(self, folder: str, detail: bool = True) -> list[dict[str, Any]]:  # noqa: ARG002 - always in detail
        """Lists one folder.

        Raises:
            FileNotFoundError: there is no such folder.
            PermissionError: it may not be read.
        """
        self._command(f"CWD {self._to_bytes(folder)}", folder)
        return [self._facts(folder, entry) for entry in self._entries(folder)]

    def info(self, path: str) -> dict[str, Any]:
        """Looks up one file, as its listing shows it; raises as `ls` does."""
        folder, name = posixpath.split(path)
        if "MLST" in self._features or not self._has_mdtm:
            entry = self._mlst(path) if "MLST" in self._features else None
            found = entry or next((each for each in self.ls_entries(folder) if each.name == name), None)
            if found is None:
                raise FileNotFoundError(path)
            return self._facts(folder, ListedEntry(name, found.type, found.size, found.modified_at))
        return self._facts(folder, ListedEntry(name, "file", None, None))

    def ls_entries(self, folder: str) -> list[ListedEntry]:
        """Lists one folder as it was written; raises as `ls` does."""
        self._command(f"CWD {self._to_bytes(folder)}", folder)
        return self._entries(folder)

    def open(self, path: str, mode: str = "rb", **_: object) -> _Download:  # noqa: ARG002 - reads only
        """Opens a file; raises as `ls` does."""
        self._client.voidcmd("TYPE I")
        try:
            return _Download(self._client, self._client.transfercmd(f"RETR {self._to_bytes(path)}"))
        except ftplib.error_perm as error:
            # Servers give one code to what is missing and what is denied.
            self.info(path)
            raise PermissionError(f"{path}: {error}") from error

    def close(self) -> None:
        """Closes the connection."""
        self._client.close()

    def _entries(self, folder: str) -> list[ListedEntry]:
        lines: list[str] = []
        if "MLST" in self._features or "MLSD" in self._features:
            listed = (mlsd_entry(self._to_text(name), facts) for name, facts in self._mlsd())
            return [entry for entry in listed if entry is not None]
        try:
            self._client.retrlines("LIST", lines.append)
        except ftplib.error_perm as error:
            # Some servers say so of an empty folder.
            if "no files" in str(error).lower() or str(error).startswith("450"):
                return []
            raise PermissionError(f"{folder}: {error}") from error
        now = dt.datetime.now(dt.UTC)
        return [entry for line in lines if (entry := list_entry(self._to_text(line), now)) is not None]

    def _mlsd(self) -> list[tuple[str, dict[str, str]]]:
        try:
            return list(self._client.mlsd())
        except ftplib.error_perm as error:
            raise PermissionError(str(error)) from error

    def _mlst(self, path: str) -> ListedEntry | None:
        answer = self._command(f"MLST {self._to_bytes(path)}", path)
        line = next((line.strip() for line in answer.splitlines() if line.startswith(" ")), "")
        facts = dict(fact.lower().split("=", 1) for fact in line.partition(" ")[0].split(";") if "=" in fact)
        return mlsd_entry(posixpath.basename(path), facts) if facts else None

    def _facts(self, folder: str, entry: ListedEntry) -> dict[str, Any]:
        """Returns an entry as fsspec does. Size and time of a file are asked for where the listing does not say them exactly."""
        path = posixpath.join(folder, entry.name)
        size, time = entry.size, entry.modified_at
        is_exact = "MLST" in self._features or "MLSD" in self._features
        if entry.type == "file" and not (is_exact and size is not None and time is not None):
            size, time = self._asked(path, size, time)
        return {"name": path, "type": entry.type, "size": size or 0, "mtime": time or 0}

    def _asked(self, path: str, size: int | None, time: dt.datetime | None) -> tuple[int | None, dt.datetime | None]:
        if size is None:
            self._client.voidcmd("TYPE I")
            size = int(self._command(f"SIZE {self._to_bytes(path)}", path)[4:])
        if self._has_mdtm:
            try:
                time = ftp_time(self._client.sendcmd(f"MDTM {self._to_bytes(path)}")[4:].strip()) or time
            except ftplib.error_perm as error:
                # 550 speaks of this file, any other code of the command.
                self._has_mdtm = str(error).startswith("550")
        return size, time

    def _command(self, command: str, path: str) -> str:
        try:
            return self._client.sendcmd(command)
        except ftplib.error_perm as error:
            text = str(error).lower()
            if any(word in text for word in ("denied", "permission", "privilege", "not allowed")):
                raise PermissionError(f"{path}: {error}") from error
            raise FileNotFoundError(path) from error

    def _read_features(self) -> frozenset[str]:
        try:
            answer = self._client.sendcmd("FEAT")
        except ftplib.error_perm:
            return frozenset()
        return frozenset(line.split()[0].upper() for line in answer.splitlines()[1:-1] if line.split())

    def _to_bytes(self, path: str) -> str:
        return path.encode(self._encoding, "surrogateescape").decode(_BYTES)

    def _to_text(self, name: str) -> str:
        return name.encode(_BYTES).decode(self._encoding, "surrogateescape")


class _Download:
    """A file that is being received. The server says at the end whether it was whole."""

    def __init__(self, client: ftplib.FTP, connection: socket.socket) -> None:
        self._client = client
        self._connection = connection
        self._is_done = False

    def read(self, size: int) -> bytes:
        """Returns the next bytes; none at the end.

        Raises:
            ftplib.Error: the server says that the file was not whole.
        """
        chunk = b"" if self._is_done else self._connection.recv(size)
        if not chunk:
            self.close()
        return chunk

    def close(self) -> None:
        """Ends the transfer; raises as `read` does."""
        if not self._is_done:
            self._is_done = True
            self._connection.close()
            self._client.voidresp()
