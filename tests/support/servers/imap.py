"""A mailbox on a real IMAP server (pymap, in memory), reached by STARTTLS or by TLS from the first byte."""

from __future__ import annotations

import asyncio
import imaplib
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote, urlencode

from tests.support.servers.background import Background

USER, PASSWORD = "minzheng", "p@ss/word#1"


class ImapServer:
    """A server process with one empty account, on free loopback ports."""

    def __init__(self, background: Background, certificate: Path) -> None:
        self._background = background
        self._certificate = certificate
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        account = ["dict", "--demo-user", USER, "--demo-password", PASSWORD, "--demo-data"]
        place = ["--host", "127.0.0.1", "--port", str(self.port), "--cert", str(certificate), "--key", str(certificate)]
        self._process = subprocess.Popen(
            [str(Path(sys.executable).parent / "pymap"), "--no-service", "admin", *place, *account],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._await_start()
        self._tls = background.run(self._start_tls())

    def url(self, scheme: str = "imaps", *, password: str = PASSWORD, **query: str) -> str:
        """Returns the connection's URL."""
        port = self._tls.sockets[0].getsockname()[1] if scheme == "imaps" else self.port
        facts = query or {"ca": str(self._certificate)}
        return f"{scheme}://{USER}:{quote(password, safe='')}@127.0.0.1:{port}?{urlencode(facts)}"

    def send(self, message: EmailMessage | bytes, folder: str = "INBOX") -> None:
        """Puts a mail into a folder."""
        with self.client() as client:
            client.create(folder)
            client.append(folder, None, None, message if isinstance(message, bytes) else message.as_bytes())

    def flags_and_count(self, folder: str) -> tuple[int, set[bytes]]:
        """Returns the number of mails in a folder, and all flags that they have."""
        with self.client() as client:
            client.select(folder, readonly=True)
            _, found = client.search(None, "ALL")
            numbers = found[0].split()
            answers = [client.fetch(number.decode(), "(FLAGS)")[1][0] for number in numbers]
            return len(numbers), {flag for answer in answers for flag in imaplib.ParseFlags(answer)} - {b"\\Recent"}

    def empty(self, folder: str = "INBOX") -> None:
        """Deletes all mails of a folder."""
        with self.client() as client:
            client.select(folder)
            client.store("1:*", "+FLAGS", "\\Deleted")
            client.expunge()

    def client(self) -> imaplib.IMAP4:
        """Returns a client of the test's own."""
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
        client.starttls(ssl.create_default_context(cafile=str(self._certificate)))
        client.login(USER, PASSWORD)
        return client

    def close(self) -> None:
        """Ends the process."""
        self._background.run(self._stop_tls())
        self._process.terminate()
        self._process.wait(10)

    def _await_start(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                assert self._process.poll() is None, "the server ended"
                time.sleep(0.1)
            else:
                return
        raise TimeoutError("the server did not start")

    async def _start_tls(self) -> asyncio.Server:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self._certificate)
        return await asyncio.start_server(self._forward, "127.0.0.1", 0, ssl=context)

    async def _stop_tls(self) -> None:
        self._tls.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Takes TLS off the client's side and puts it on by STARTTLS: pymap has no port with TLS from the first byte."""
        inner, outer = await asyncio.open_connection("127.0.0.1", self.port)
        greeting = await inner.readline()
        outer.write(b"x STARTTLS\r\n")
        await inner.readline()
        await outer.start_tls(ssl.create_default_context(cafile=str(self._certificate)), server_hostname="127.0.0.1")
        writer.write(greeting)
        await asyncio.gather(_pipe(reader, outer), _pipe(inner, writer))


async def _pipe(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65_536):
            target.write(data)
            await target.drain()
    except OSError:
        pass
    finally:
        target.close()


def mail(
    sender: str,
    subject: str,
    attachments: Mapping[str, bytes] | Sequence[tuple[str, bytes]] = (),
    *,
    message_id: str | None = None,
) -> EmailMessage:
    """Makes a mail as mail programs do."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"科室 <{sender}>", "minzheng@example.org", subject
    if message_id is not None:
        message["Message-ID"] = f"<{message_id}>"
    message.set_content("见附件\n")
    for name, content in attachments.items() if isinstance(attachments, Mapping) else attachments:
        message.add_attachment(content, "application", "octet-stream", filename=name)
    return message
