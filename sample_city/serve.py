"""Starts the city's servers in one process and keeps them up until it is told to stop."""

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
from sample_city.api_server import CLIENTS_PATH, PATH, Register, start_api
from sample_city.charity_database import front_end_views, open_front_end
from sample_city.city import EXPECTATIONS
from sample_city.locked import workbook_password
from sample_city.mail_server import start_mail
from sample_city.sftp_server import public_host_key, start_sftp

# The registers behind the API, each with the caller's name and a secret of its own: the path, the file and the caller.
_REGISTERS = {
    "civil_affairs_api": (PATH, "social_organizations.jsonl", "huimin-demo"),
    "social_work_api": (CLIENTS_PATH, "clients.jsonl", "huimin-stations"),
}
# The three SFTP servers: the system whose folder each one shows, and the user who may look.
_DROPS = {"civil_affairs": "minzheng", "charity": "cishan", "social_work": "shuangbai"}
_LOOK_AFTER_PARENT_SECONDS = 0.5


async def serve(home: Path, postgres_url: str, *, exit_with_parent: bool) -> None:
    """Serve the city built in `home` until SIGTERM or SIGINT, or until the parent process is gone if that is asked for.

    Writes `connections.json` (a name: its URL) when everything is up, and removes it at the end.
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
    """All servers up; yields their URLs by connection name."""
    password = _load_passwords(home)
    contracts = load_contracts(EXPECTATIONS).reports.values()
    database = await asyncio.to_thread(
        open_front_end, postgres_url, home / "charity", front_end_views(contracts), password["charity_frontend"]
    )
    host_key = home / "ssh_host_ed25519_key"
    api, api_port = await start_api(
        [Register(path, home / "api" / file, caller, password[name]) for name, (path, file, caller) in _REGISTERS.items()]
    )
    drops = {
        f"{system}_sftp": await start_sftp(home / "sftp" / system, host_key, user, password[f"{system}_sftp"])
        for system, user in _DROPS.items()
    }
    mail, mail_port = await start_mail(home / "mail")
    trust = urlencode({"host_key": public_host_key(host_key)})
    drop_urls = {
        name: f"sftp://{_DROPS[name.removesuffix('_sftp')]}:{password[name]}@127.0.0.1:{port}/?{trust}"
        for name, (_, port) in drops.items()
    }
    try:
        yield {
            **{name: f"http://{caller}:{password[name]}@127.0.0.1:{api_port}" for name, (_, _, caller) in _REGISTERS.items()},
            "charity_frontend": database,
            **drop_urls,
            **_workbook_passwords(contracts),
            "smtp": f"smtp://127.0.0.1:{mail_port}",
        }
    finally:
        for listener in (*(drop for drop, _ in drops.values()), mail):
            listener.close()
        await api.cleanup()


def _workbook_passwords(contracts: Iterable[Report]) -> dict[str, str]:
    """The passwords of workbooks that their offices told by telephone: connections with nothing but a password."""
    return {
        report.format.password: f"generic://:{workbook_password(report)}@"
        for report in contracts
        if isinstance(report.format, Workbook) and report.format.password
    }


def _load_passwords(home: Path) -> dict[str, str]:
    """Passwords of the servers, drawn once and kept."""
    path = home / "passwords.json"
    names = (*_REGISTERS, "charity_frontend", *(f"{system}_sftp" for system in _DROPS))
    passwords: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    missing = {name: secrets.token_hex(16) for name in names if name not in passwords}
    if missing:
        passwords |= missing
        _write_secret(path, json.dumps(passwords))
    return passwords


def _write_secret(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    beside.touch(mode=0o600)
    beside.write_text(text, encoding="utf-8")
    beside.rename(path)


async def _watch_parent(parent: int, stop: asyncio.Event) -> None:
    while os.getppid() == parent:
        await asyncio.sleep(_LOOK_AFTER_PARENT_SECONDS)
    stop.set()
