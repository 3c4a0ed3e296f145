"""The pages served alone: accounts of the deployment, one socket, and no log of who looked at what."""

from __future__ import annotations

import ipaddress
import socket
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from loaders.pages.access.access_file import access_file
from loaders.pages.access.accounts import Accounts
from loaders.pages.app import create_app
from loaders.pages.deployment_files import DeploymentFiles
from loaders.settings import Settings, SettingsError


def standalone_app(settings: Settings, access: Path) -> FastAPI:
    """Makes the application with a login of its own. `access` is the access file, which may be absent.

    Raises:
        AccessError: the file holds something else.
        SettingsError: it names a connection that is not set.
    """
    file = access_file(access)
    oidc = file.value.oidc
    secret = settings.password(oidc.connection) if oidc is not None else ""
    accounts = Accounts(file, DeploymentFiles(settings).units_within, secret)
    return create_app(settings, accounts.authenticate, access=file, accounts=accounts)


def open_socket(host: str, port: int, access: Path) -> socket.socket:
    """Opens the socket to serve on; port 0 takes a free one.

    Raises:
        SettingsError: others could reach the pages, and nobody has an account.
        OSError: the address is taken or not of this machine.
    """
    file = access_file(access).value
    if not _is_loopback(host) and not file.tokens and file.oidc is None and not file.check.without_account:
        raise SettingsError(f"nobody could log in: write {access}, or serve on 127.0.0.1 (see docs/pages.md)")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family)


def serve(app: FastAPI, listening: socket.socket) -> None:
    """Serves until the process is told to end."""
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, lifespan="off")
    uvicorn.Server(config).run(sockets=[listening])


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
