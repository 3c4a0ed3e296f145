"""Read-only SFTP servers for the folders with the documents of the county offices."""

from __future__ import annotations

import hmac
from pathlib import Path
from typing import Any

import asyncssh

_CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr")


async def start_sftp(folder: Path, host_key: Path, user: str, password: str) -> tuple[asyncssh.SSHAcceptor, int]:
    """Serves `folder` as the root of a read-only SFTP account on a free loopback port.

    Returns:
        The listener, to be closed, and the port.
    """
    _make_host_key(host_key)
    listener = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=lambda: _Account(user, password),
        server_host_keys=[str(host_key)],
        sftp_factory=lambda channel: _ReadOnlyFolder(channel, chroot=bytes(folder.resolve())),
        sftp_version=3,
        encryption_algs=_CIPHERS,
        compression_algs=None,
        allow_scp=False,
        agent_forwarding=False,
    )
    return listener, listener.get_port()


def public_host_key(path: Path) -> str:
    """Returns the server's public key as clients pin it: `ssh-ed25519 AAAA…`."""
    return asyncssh.read_private_key(str(path)).export_public_key().decode().strip()


def _make_host_key(path: Path) -> None:
    if path.exists():
        return
    path.touch(mode=0o600)
    path.write_bytes(asyncssh.generate_private_key("ssh-ed25519").export_private_key())


class _Account(asyncssh.SSHServer):
    """An account with a password, for SFTP only."""

    def __init__(self, user: str, password: str) -> None:
        self._user = user
        self._password = password

    def begin_auth(self, username: str) -> bool:  # noqa: ARG002  every user must prove who they are
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        is_user = hmac.compare_digest(username.encode(), self._user.encode())
        return hmac.compare_digest(password.encode(), self._password.encode()) and is_user


class _ReadOnlyFolder(asyncssh.SFTPServer):
    """A read-only folder: every operation that would change it is denied."""

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> Any:
        if pflags != asyncssh.FXF_READ:
            self._deny()
        return super().open(path, pflags, attrs)

    def _deny(self, *_: object) -> None:
        raise asyncssh.SFTPPermissionDenied("this account may only read")

    write = setstat = lsetstat = fsetstat = remove = mkdir = rmdir = rename = posix_rename = symlink = link = _deny  # type: ignore[assignment]
