"""MariaDB from Debian's package, as a plain process on a free port of the loopback address."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pymysql
import sqlalchemy as sa

from demo.ports import free_port
from tests.support.databases.other_system import PASSWORD, READER, SCHEMA, OtherSystem
from tests.support.debian_packages import mariadbd

_SECONDS = 60
# Zero dates are allowed, as in many old systems. The server is in UTC, so that only the session's time zone can be China's.
_OPTIONS = (
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--sql-mode=",
    "--default-time-zone=+00:00",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_unicode_ci",
    "--innodb-buffer-pool-size=32M",
    "--log-warnings=2",
)


class MariaDb(OtherSystem):
    """A server with its data in `folder`."""

    sleep = "sleep(0.4)"
    binary_type = "blob"

    def __init__(self, folder: Path) -> None:
        self._data = folder / "data"
        self._log = folder / "error.log"
        self._port = free_port()
        # A socket's path has at most 107 bytes.
        self._sockets = tempfile.TemporaryDirectory(prefix="mariadb")
        self._process: subprocess.Popen[bytes] | None = None
        self._user = ["--user=root"] if os.geteuid() == 0 else []
        folder.mkdir(parents=True, exist_ok=True)
        self.owner = sa.create_engine(f"mysql+pymysql://root@127.0.0.1:{self._port}/?charset=utf8mb4", poolclass=sa.NullPool)

    def start(self) -> None:
        """Starts the server, and creates its data first when there are none."""
        if not self._data.exists():
            command = ["mariadb-install-db", "--no-defaults", *self._user, f"--datadir={self._data}", "--skip-test-db"]
            command.append("--auth-root-authentication-method=normal")
            subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)
        command = [str(mariadbd()), "--no-defaults", *self._user, f"--datadir={self._data}", f"--port={self._port}", *_OPTIONS]
        command += [f"--socket={self._sockets.name}/s", f"--log-error={self._log}", f"--pid-file={self._data}/pid"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._await_start()

    def _await_start(self) -> None:
        deadline = time.monotonic() + _SECONDS
        while True:
            try:
                pymysql.connect(host="127.0.0.1", port=self._port, user="root").close()
            except pymysql.OperationalError:
                if time.monotonic() > deadline or (self._process and self._process.poll() is not None):
                    raise RuntimeError(f"MariaDB did not start: {self.log()[-2000:]}") from None
                time.sleep(0.1)
            else:
                return

    def kill(self) -> None:
        """Kills the server, as a failing machine would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(_SECONDS)

    def remove(self) -> None:
        """Stops the server."""
        self.kill()
        self._sockets.cleanup()

    def log(self) -> str:
        """Returns what the server wrote into its log."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    def url(self, user: str = READER, password: str = PASSWORD) -> str:
        return f"mysql://{quote(user, safe='')}:{quote(password, safe='')}@127.0.0.1:{self._port}/"

    def reset(self) -> None:
        self.run(
            f"drop database if exists `{SCHEMA}`",
            f"create database `{SCHEMA}`",
            f"create or replace user '{READER}'@'%' identified by '{PASSWORD}'",
            f"grant select, execute, show view on `{SCHEMA}`.* to '{READER}'@'%'",
        )

    def cut_connections(self) -> int:
        with self.owner.connect() as connection:
            query = sa.text("select id from information_schema.processlist where user = :user")
            found = [row.id for row in connection.execute(query, {"user": READER})]
            for number in found:
                self._end(connection, number)
        return len(found)

    @staticmethod
    def _end(connection: Any, number: int) -> None:
        try:
            connection.exec_driver_sql(f"kill {number}")
        except sa.exc.DBAPIError:
            # It ended by itself meanwhile.
            return

    def refused_logins(self) -> int:
        return self.log().count("Access denied for user")
