"""Dumps of schemas by PostgreSQL's own programs, streamed: no dump is ever on the disk of the machine that makes it."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from psycopg.conninfo import conninfo_to_dict

from loaders.backup.manifest import Part
from loaders.backup.place import CHUNK_BYTES, BackupError, BackupPlace
from loaders.warehouse.connection import plain_url

_DUMP, _RESTORE = "pg_dump", "pg_restore"
# What libpq reads from the environment, by its name in a connection string. A password must be in no list of processes.
_VARIABLES = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "dbname": "PGDATABASE",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "options": "PGOPTIONS",
    "connect_timeout": "PGCONNECT_TIMEOUT",
}
_LAST_CHARACTERS = 2_000
_MAJOR = 10_000
# `pg_restore (PostgreSQL) 18.4`: its first number
_VERSION = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Programs:
    """The folder of `pg_dump` and `pg_restore`; None: they are on the PATH."""

    folder: Path | None

    def path(self, name: str) -> str:
        """Returns the path of a program.

        Raises:
            BackupError: it is not installed.
        """
        found = shutil.which(name, path=str(self.folder) if self.folder else None)
        if found is None:
            where = f"in {self.folder}" if self.folder else "on the PATH"
            raise BackupError(
                f"{name} is not {where}: install PostgreSQL's client programs of the server's version or a newer one, "
                "or set HUIMIN_POSTGRES_BIN to the folder that holds them"
            )
        return found


def write_dump(
    place: BackupPlace, folder: str, name: str, *, programs: Programs, url: str, schemas: Sequence[str], snapshot: str
) -> Part:
    """Dumps schemas as one snapshot shows them, into a file of a backup's folder.

    Raises:
        BackupError: pg_dump failed; what it had written is not kept.
    """
    wanted = [f"--schema={schema}" for schema in schemas]
    command = [programs.path(_DUMP), "--format=custom", "--no-password", f"--snapshot={snapshot}", *wanted]
    return write_part(place, folder, name, _output(command, url))


def refuse_older_restore(programs: Programs, server_version: int) -> None:
    """Refuses a `pg_restore` that cannot read the dumps of a server (`server_version` as PostgreSQL counts it: 180004).

    Raises:
        BackupError: it is of an earlier major version, or not installed.
    """
    path, needed = programs.path(_RESTORE), server_version // _MAJOR
    printed = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    found = _VERSION.search(printed)
    if found and int(found[0]) < needed:
        raise BackupError(
            f"expected pg_restore of PostgreSQL {needed} or newer, found {found[0]} ({path}): set HUIMIN_POSTGRES_BIN to the "
            "folder that holds the client programs of the server's release"
        )


def restore_dump(programs: Programs, url: str, dump: BinaryIO) -> None:
    """Writes the schemas of a dump into a database, all or nothing; they belong to the user of `url` afterwards.

    Raises:
        BackupError: pg_restore failed.
    """
    restore = [
        programs.path(_RESTORE),
        "--no-owner",
        "--no-privileges",
        "--no-password",
        "--single-transaction",
        "--exit-on-error",
    ]
    environment = _environment(url)
    command = [*restore, f"--dbname={environment['PGDATABASE']}"]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=errors, stderr=errors)
        try:
            with cast(BinaryIO, process.stdin) as target:
                shutil.copyfileobj(dump, target, CHUNK_BYTES)
        except BrokenPipeError:
            # It has ended, and says why.
            pass
        except BaseException:
            process.kill()
            raise
        finally:
            code = process.wait()
        if code:
            raise BackupError(f"pg_restore failed, and nothing of this dump was written: {_end_of(errors)}{_next_step(errors)}")


def write_part(place: BackupPlace, folder: str, name: str, chunks: Iterable[bytes]) -> Part:
    """Writes a file of a backup's folder, and says what it holds."""
    digest, size = hashlib.sha256(), 0

    def measured() -> Iterator[bytes]:
        nonlocal size
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            yield chunk

    place.write(f"{folder}/{name}", measured())
    return Part(name, size, digest.hexdigest())


def _output(command: Sequence[str], url: str) -> Iterator[bytes]:
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command, env=_environment(url), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
        )
        try:
            with cast(BinaryIO, process.stdout) as source:
                while chunk := source.read(CHUNK_BYTES):
                    yield chunk
            code = process.wait()
        finally:
            process.kill()
            process.wait()
        if code:
            raise BackupError(f"pg_dump failed, and nothing of this backup counts: {_end_of(errors)}")


def _environment(url: str) -> dict[str, str]:
    parts: Mapping[str, object] = conninfo_to_dict(plain_url(url))
    unknown = sorted(parts.keys() - _VARIABLES.keys() - {"application_name"})
    if unknown:
        raise BackupError(f"the address of the warehouse has parameters that pg_dump cannot be given: {', '.join(unknown)}")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "HUIMIN_", "AIRFLOW"))}
    return clean | {_VARIABLES[name]: str(value) for name, value in parts.items() if name in _VARIABLES}


def _next_step(errors: BinaryIO) -> str:
    """Returns what to do about a dump that holds what its reader does not know, which no other restore can help."""
    errors.seek(0)
    said = errors.read()
    if b"unsupported version" in said:
        return "\nSet HUIMIN_POSTGRES_BIN to client programs as new as those that wrote the backup"
    if b"unrecognized" not in said:
        return ""
    return (
        "\nThe dump was written by a pg_dump older than the server it read: back up again with the client programs of that "
        "server (HUIMIN_POSTGRES_BIN), then restore with those of the new one"
    )


def _end_of(errors: BinaryIO) -> str:
    errors.seek(0)
    return errors.read().decode("utf-8", "replace").strip()[-_LAST_CHARACTERS:] or "it said nothing"
