"""A mail server that keeps each message as an .eml file."""

from __future__ import annotations

import asyncio
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


class MailHandler:
    """Message handler that writes each message into the folder, numbered in the order of arrival."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._count = max((int(path.stem) for path in folder.glob("[0-9]*.eml")), default=0)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002
        """Writes one message atomically."""
        content = envelope.content or b""
        self._count += 1
        path = self._folder / f"{self._count:06d}.eml"
        temporary = path.with_suffix(".part")
        temporary.write_bytes(content if isinstance(content, bytes) else content.encode())
        temporary.rename(path)
        return f"250 kept as {path.name}"


async def start_mail(folder: Path) -> tuple[asyncio.Server, int]:
    """Accepts mail on a free loopback port.

    Returns:
        The server, to be closed, and the port.
    """
    handler = MailHandler(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler, enable_SMTPUTF8=True, loop=loop), "127.0.0.1", 0)
    return server, int(server.sockets[0].getsockname()[1])
