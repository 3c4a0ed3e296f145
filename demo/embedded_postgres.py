"""A PostgreSQL server for the demo and for tests, run from binaries that pip installs.

Only the wheel's binaries are used (initdb, pg_ctl): its Python API adds a user to the machine and can leave a server behind.
Root runs the server as `postgres` or `nobody`. What that user cannot reach, such as a project below /root, is copied to a
folder below /var/tmp.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from demo.log_tail import log_tail
from demo.ports import free_port, is_free
from demo.postgres_binaries import PostgresError, find_binaries
from demo.unprivileged_user import is_reachable, unprivileged_user

SUPERUSER = "postgres"
_LOG_LINES = 15
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "timezone": "Asia/Shanghai",
    "unix_socket_directories": "",
    "log_timezone": "Asia/Shanghai",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


class EmbeddedPostgres:
    """A server with its data in `data_dir`, on a free port of the loopback address."""

    def __init__(self, data_dir: Path, *, binaries: Path | None = None) -> None:
        self._state = data_dir.absolute()
        self._binaries = binaries or find_binaries()
        self._moved_from: Path | None = None
        self._moved_to: Path | None = None
        self._user = unprivileged_user()
        if self._user and not (is_reachable(self._state.parent, self._user) and is_reachable(self._binaries, self._user)):
            self._move_to_reachable_folder()
        self._data = self._state / "data"
        self._log = self._state / "server.log"

    def start(self) -> None:
        """Starts the server. Creates it first if it does not exist, and does nothing if it runs already.

        Raises:
            PostgresError: it could not be created or started.
        """
        if not (self._data / "PG_VERSION").exists():
            self._initialize()
        if self.is_running():
            return
        self._clear_after_kill()
        # Another program may have taken the port since the last start.
        if not is_free(self.port):
            (self._state / "port").write_text(str(free_port()))
        self._run("pg_ctl", "start", "-w", "-t", "60", "-D", self._data, "-l", self._log, "-o", f"-p {self.port}")

    def stop(self, mode: str = "fast") -> None:
        """Stops the server; does nothing when it does not run."""
        if self.is_running():
            self._run("pg_ctl", "stop", "-w", "-m", mode, "-D", self._data)

    def is_running(self) -> bool:
        """Tells whether the server process is alive.

        pg_ctl asks only whether the process id is taken, so it reports a killed server that nobody reaped as running.
        """
        server = self.process_id()
        return server is not None and _is_alive(server)

    def process_id(self) -> int | None:
        """Reads the id of the server's process from its lock file; None when there is no lock file."""
        try:
            return int((self._data / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError):
            return None

    def remove(self) -> None:
        """Stops the server and deletes its data."""
        # Not "fast": that writes the data to the disk first, which takes minutes after many tests.
        self.stop("immediate")
        for folder in (self._state, self._moved_from, self._moved_to):
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)

    @property
    def port(self) -> int:
        """The port that the server listens on."""
        return int((self._state / "port").read_text())

    def url(self, database: str = "postgres", user: str = SUPERUSER, password: str | None = None) -> str:
        """Returns a `postgresql://` URL. The superuser's password is filled in."""
        if password is None and user == SUPERUSER:
            password = (self._state / "password").read_text().strip()
        secret = f":{quote(password, safe='')}" if password is not None else ""
        return f"postgresql://{quote(user)}{secret}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str, owner: str | None = None) -> None:
        """Creates a database unless it exists."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            if connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone() is None:
                statement = sql.SQL("create database {}").format(sql.Identifier(name))
                if owner is not None:
                    statement += sql.SQL(" owner {}").format(sql.Identifier(owner))
                connection.execute(statement)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _initialize(self) -> None:
        self._state.mkdir(parents=True, exist_ok=True)
        (self._state / "port").write_text(str(free_port()))
        password = self._state / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        if self._user:
            for path in (self._state, password):
                os.chown(path, self._user.pw_uid, self._user.pw_gid)
        # An interrupted initdb leaves a folder that the next one refuses.
        shutil.rmtree(self._data, ignore_errors=True)
        unfinished = self._state / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        self._run("initdb", "-D", unfinished, "-U", SUPERUSER, "-A", "scram-sha-256", f"--pwfile={password}", "-E", "UTF8",
                  "--locale=C.UTF-8", "--no-sync")  # fmt: skip
        with (unfinished / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in _SETTINGS.items())
        unfinished.rename(self._data)

    def _run(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        options: dict[str, Any] = {}
        if self._user:
            options = {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        output = self._state / "control.log"
        # The output goes to a file: a server that inherits a pipe would keep it open.
        with output.open("w+", encoding="utf-8", errors="replace") as file:
            done = subprocess.run(
                [self._binaries / program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                cwd="/",
                env=environment,
                **options,
            )
        if done.returncode != 0:
            raise PostgresError(
                f"{program} failed in {self._state}:\n{log_tail(output, _LOG_LINES)}\n{log_tail(self._log, _LOG_LINES)}".rstrip()
            )
        return done

    def _clear_after_kill(self) -> None:
        """Removes the lock file of a killed server once its last child has ended."""
        server = self.process_id()
        if server is None:
            return
        deadline = time.monotonic() + 10
        while _has_children_in(self._data) and time.monotonic() < deadline:
            time.sleep(0.05)
        (self._data / "postmaster.pid").unlink(missing_ok=True)

    def _move_to_reachable_folder(self) -> None:
        """Puts the data, and a copy of the binaries, where the unprivileged user can reach them."""
        digest = hashlib.sha256(str(self._state).encode()).hexdigest()[:12]
        folder = Path("/var/tmp") / f"huimin-{digest}"  # noqa: S108 - the folder is made 0755 and owned by root
        folder.mkdir(mode=0o755, exist_ok=True)
        install = self._binaries.parent
        if not is_reachable(self._binaries, self._user):
            copy = folder / install.name
            if not copy.exists():
                shutil.copytree(install, folder / "copying", symlinks=True, dirs_exist_ok=True)
                (folder / "copying").rename(copy)
            self._binaries = copy / "bin"
        self._moved_from, self._moved_to = self._state, folder
        self._state.mkdir(parents=True, exist_ok=True)
        (self._state / "moved_to").write_text(str(folder))
        self._state = folder / "server"


def _is_alive(process: int) -> bool:
    """Tells whether a process exists and is not a zombie."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    status = Path(f"/proc/{process}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


def _has_children_in(data: Path) -> bool:
    """Tells whether a process has the data folder as its working directory, as all of PostgreSQL's processes do."""
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if link.readlink() == data:
                return True
        except OSError:
            continue
    return False
