"""Starts the city's servers in one process and keeps them running until a signal arrives."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlencode

from loaders.contract import Report, Workbook, load_contracts
from sample_city.city import EXPECTATIONS
from sample_city.documents.encryption import workbook_password
from sample_city.servers.api_server import CLIENTS_PATH, PATH, Register, start_api
from sample_city.servers.charity_database import create_charity_database, report_views
from sample_city.servers.mail_server import start_mail
from sample_city.servers.sftp_server import public_host_key, start_sftp

# The registers behind the API by connection name: the path, the file and the client, each with a secret of its own.
_REGISTERS = {
    "civil_affairs_api": (PATH, "social_organizations.jsonl", "huimin-demo"),
    "social_work_api": (CLIENTS_PATH, "clients.jsonl", "huimin-stations"),
}
# The users of the three SFTP servers, by the system whose folder each one serves.
_SFTP_USERS = {"civil_affairs": "minzheng", "charity": "cishan", "social_work": "shuangbai"}
_PARENT_POLL_SECONDS = 0.5


async def serve(home: Path, postgres_url: str, *, exit_with_parent: bool) -> None:
    """Serves the city in `home` until SIGTERM or SIGINT arrives or, with `exit_with_parent`, until the parent process ends.

    Writes `connections.json` (URLs by name) when all servers accept connections, and removes it at the end.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    watch = asyncio.create_task(_watch_parent(os.getppid(), stop)) if exit_with_parent else None
    path = home / "connections.json"
    path.unlink(missing_ok=True)
    async with running_servers(home, postgres_url) as connections:
        _write_secret(path, json.dumps(connections, indent=1))
        sys.stdout.write(f"The sample city is open: {path}\n")
        sys.stdout.flush()
        await stop.wait()
        path.unlink(missing_ok=True)
    if watch is not None:
        watch.cancel()


@asynccontextmanager
async def running_servers(home: Path, postgres_url: str) -> AsyncIterator[dict[str, str]]:
    """Starts all servers, yields their URLs by connection name, and stops them at the end."""
    password = _load_passwords(home)
    contracts = load_contracts(EXPECTATIONS).reports.values()
    database = await asyncio.to_thread(
        create_charity_database, postgres_url, home / "charity", report_views(contracts), password["charity_frontend"]
    )
    host_key = home / "ssh_host_ed25519_key"
    api, api_port = await start_api(
        [Register(path, home / "api" / file, caller, password[name]) for name, (path, file, caller) in _REGISTERS.items()]
    )
    sftp_servers = {
        f"{system}_sftp": await start_sftp(home / "sftp" / system, host_key, user, password[f"{system}_sftp"])
        for system, user in _SFTP_USERS.items()
    }
    mail, mail_port = await start_mail(home / "mail")
    trust = urlencode({"host_key": public_host_key(host_key)})
    sftp_urls = {
        name: f"sftp://{_SFTP_USERS[name.removesuffix('_sftp')]}:{password[name]}@127.0.0.1:{port}/?{trust}"
        for name, (_, port) in sftp_servers.items()
    }
    try:
        yield {
            **{name: f"http://{caller}:{password[name]}@127.0.0.1:{api_port}" for name, (_, _, caller) in _REGISTERS.items()},
            "charity_frontend": database,
            **sftp_urls,
            **_workbook_passwords(contracts),
            "smtp": f"smtp://127.0.0.1:{mail_port}",
        }
    finally:
        for listener in (*(server for server, _ in sftp_servers.values()), mail):
            listener.close()
        await api.cleanup()


def _workbook_passwords(contracts: Iterable[Report]) -> dict[str, str]:
    """Returns the passwords of encrypted workbooks, as connections that consist of a password only."""
    return {
        report.format.password: f"generic://:{workbook_password(report)}@"
        for report in contracts
        if isinstance(report.format, Workbook) and report.format.password
    }


def _load_passwords(home: Path) -> dict[str, str]:
    """Reads the passwords of the servers. Draws and stores those that do not exist yet."""
    path = home / "passwords.json"
    names = (*_REGISTERS, "charity_frontend", *(f"{system}_sftp" for system in _SFTP_USERS))
    passwords: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    missing = {name: secrets.token_hex(16) for name in names if name not in passwords}
    if missing:
        passwords |= missing
        _write_secret(path, json.dumps(passwords))
    return passwords


def _write_secret(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    temporary.touch(mode=0o600)
    temporary.write_text(text, encoding="utf-8")
    temporary.rename(path)


async def _watch_parent(parent: int, stop: asyncio.Event) -> None:
    while os.getppid() == parent:
        await asyncio.sleep(_PARENT_POLL_SECONDS)
    stop.set()
