"""An SFTP server that fails on request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import asyncssh

from tests.support.servers.background import Background

USER, PASSWORD = "minzheng", "p@ss/word#1"


@dataclass
class Failures:
    """The failures to simulate. A counter is the number of times that a failure happens."""

    lines_to_break: int = 0
    break_after_bytes: int = 0
    reads_to_hang: int = 0
    listings_to_hang: int = 0
    strange_names: list[bytes] = field(default_factory=list)
    without_times: bool = False
    denied: set[str] = field(default_factory=set)


class SftpServer:
    """Server of a folder on a free loopback port."""

    def __init__(self, background: Background, folder: Path) -> None:
        self.failures = Failures()
        self.open_connections = 0
        self.logins = 0
        self._background = background
        self._folder = folder
        self._key = asyncssh.generate_private_key("ssh-ed25519")
        self._listener = background.run(self._listen())

    async def _listen(self) -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=lambda: _Account(self),
            server_host_keys=[self._key],
            sftp_factory=lambda channel: _Folder(channel, self),
        )

    @property
    def folder(self) -> bytes:
        """The root folder of the clients."""
        return bytes(self._folder)

    def url(self, *, user: str = USER, password: str = PASSWORD, path: str = "/", **query: str) -> str:
        """Returns the connection's URL. It pins the host key unless `query` replaces it."""
        trust = query or {"host_key": self._key.export_public_key().decode().strip()}
        port = self._listener.get_port()
        return f"sftp://{quote(user, safe='')}:{quote(password, safe='')}@127.0.0.1:{port}{path}?{urlencode(trust)}"

    def close(self) -> None:
        """Stops the server."""

        async def stop() -> None:
            self._listener.close()

        self._background.run(stop())


class _Account(asyncssh.SSHServer):
    def __init__(self, server: SftpServer) -> None:
        self._server = server

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._server.open_connections += 1

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.open_connections -= 1

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        self._server.logins += 1
        return (username, password) == (USER, PASSWORD)


class _Folder(asyncssh.SFTPServer):
    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], server: SftpServer) -> None:
        super().__init__(channel, chroot=server.folder)
        self._channel = channel
        self._mischief = server.failures

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        if any(name.encode() in path for name in self._mischief.denied):
            raise asyncssh.SFTPPermissionDenied("denied")
        return super().open(path, pflags, attrs)

    def read(self, file_obj: object, offset: int, size: int) -> Any:
        return self._read(file_obj, offset, size)

    async def _read(self, file_obj: object, offset: int, size: int) -> bytes:
        if self._mischief.reads_to_hang:
            self._mischief.reads_to_hang -= 1
            await asyncio.sleep(60)
        if self._mischief.lines_to_break and offset + size > self._mischief.break_after_bytes:
            self._mischief.lines_to_break -= 1
            self._channel.get_connection().abort()
            await asyncio.sleep(60)
        found = super().read(file_obj, offset, size)
        assert isinstance(found, bytes)
        return found

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        if self._mischief.listings_to_hang:
            self._mischief.listings_to_hang -= 1
            await asyncio.sleep(60)
        async for name in super().scandir(path):
            if self._mischief.without_times:
                name.attrs.mtime = name.attrs.atime = None
            yield name
        if path.endswith(b"2023-05"):
            for strange in self._mischief.strange_names:
                yield asyncssh.SFTPName(strange, attrs=asyncssh.SFTPAttrs(permissions=0o100644, size=3, mtime=1, atime=1))
