"""Takes a backup: one snapshot of the warehouse, then every landed file that it speaks of."""

from __future__ import annotations

import datetime as dt
import io
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg

from loaders.backup.dumps import Programs, write_dump, write_part
from loaders.backup.landing_copy import compress_names, copy_missing, landed_names
from loaders.backup.manifest import BACKUPS, MANIFEST, OBJECTS, Manifest, Part, list_backups
from loaders.backup.place import BackupError, BackupPlace
from loaders.identifiers.personal_keys import PersonalKeys, key_fingerprint
from loaders.landing import open_store
from loaders.release.program_revision import git_revision
from loaders.settings import Settings
from loaders.warehouse.connection import Connection, connect, fetch_all
from loaders.warehouse.personal_keys import key_ring
from loaders.warehouse.schema.roles import LOADER, SCHEMAS_OF, TRANSFORMER

LEDGER, FIGURES, LANDING, DEPLOYMENT = "ledger.dump", "figures.dump", "landing.txt.gz", "deployment.tar.gz"
RELEASES = "release"
# What is made from the rest, what is secret, and what is somebody's working copy.
_NOT_OF_A_DEPLOYMENT = frozenset({".git", ".huimin", ".venv", ".venv-bi", "target", "logs", "__pycache__", ".env"})
_OF_A_DEPLOYMENT = ("deployment.yml", "expectations", "dbt_project", "release_rules", "people", "pages")
_ACCOUNT = """
    select count(*) as documents, coalesce(sum(rows_total), 0)::bigint as total, coalesce(sum(rows_loaded), 0)::bigint as loaded,
        coalesce(sum(rows_quarantined), 0)::bigint as quarantined, coalesce(sum(rows_furniture), 0)::bigint as furniture
    from ops.submission
"""
_FACTS = """
    select now() as at, current_setting('server_version_num')::integer as server_version, version_num as schema_revision
    from ops.alembic_version
"""
_HASHES = "select distinct sha256 from ops.submission where sha256 is not null"


@dataclass(frozen=True, slots=True)
class Taken:
    """A backup that was made: what it holds, and how many landed files were new to the place, with their bytes."""

    manifest: Manifest
    new_files_count: int
    new_bytes: int


def take_backup(settings: Settings, place: BackupPlace, programs: Programs, echo: Callable[[str], None]) -> Taken:
    """Takes a backup while everything goes on. It counts from when its manifest is written, as the last of its files.

    Raises:
        BackupError: it could not be taken; the place has what was there before.
        KeyRefused: the key of this process is not the one in force.
    """
    backup_id = f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}"
    if backup_id in list_backups(place):
        raise BackupError(f"backup {backup_id} is there already: wait a second")
    with _snapshot(settings.warehouse_url) as (connection, snapshot):
        facts = _facts(connection)
        # A backup whose key nobody has is none.
        key_ring.chain_of(connection, PersonalKeys(settings.hashing_key, settings.old_pii_key))
        hashes = {row["sha256"] for row in fetch_all(connection, _HASHES)}
        folder = f"{BACKUPS}/{backup_id}"
        echo(f"dumping the warehouse into {place}/{folder}")
        parts = list(_dumps(settings, place, folder, programs, snapshot))
    # After the snapshot: bytes are landed before their row is committed, so that all that it speaks of is there by now.
    landing = open_store(settings.landing)
    files = landed_names(landing.sizes())
    _refuse_missing(hashes, files)
    echo(f"copying landed files: {len(files):,} in all")
    new_files, new_bytes = copy_missing(place, landing, files)
    parts.append(write_part(place, folder, LANDING, [compress_names(files)]))
    parts.append(write_part(place, folder, DEPLOYMENT, [_archive(settings.dbt_project.parent)]))
    manifest = Manifest(
        backup_id=backup_id,
        created_at=facts["at"].astimezone(dt.UTC).isoformat(),
        program_version=version("huimin"),
        program_revision=git_revision(),
        schema_revision=facts["schema_revision"],
        server_version=facts["server_version"],
        key_fingerprint=facts["key_fingerprint"] or key_fingerprint(settings.hashing_key),
        files_count=len(files),
        account=facts["account"],
        parts=tuple(parts),
    )
    place.write(f"{folder}/{MANIFEST}", [manifest.to_json()])
    return Taken(manifest, new_files, new_bytes)


def delete_older(place: BackupPlace, keep: int) -> list[str]:
    """Deletes all backups but the newest ones; landed files stay. Returns the numbers of those that were deleted."""
    gone = list_backups(place)[:-keep]
    for backup_id in gone:
        # The manifest first: what is left of a deletion that breaks off is no backup.
        place.delete(f"{BACKUPS}/{backup_id}/{MANIFEST}")
        for name in place.sizes(f"{BACKUPS}/{backup_id}"):
            place.delete(name)
    return gone


@contextmanager
def _snapshot(url: str) -> Iterator[tuple[Connection, str]]:
    with connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        ((snapshot,),) = (row.values() for row in fetch_all(connection, "select pg_export_snapshot()"))
        yield connection, snapshot


def _facts(connection: Connection) -> dict[str, Any]:
    (facts,) = fetch_all(connection, _FACTS)
    key = key_ring.in_force(connection)
    return {**facts, "account": ledger_account(connection), "key_fingerprint": key and key["key_fingerprint"]}


def ledger_account(connection: Connection) -> dict[str, int]:
    """Returns how many documents the ledger has, and their rows by what became of them."""
    (account,) = fetch_all(connection, _ACCOUNT)
    return {name: int(count) for name, count in account.items()}


def _dumps(settings: Settings, place: BackupPlace, folder: str, programs: Programs, snapshot: str) -> Iterator[Part]:
    """Each role dumps what is its own, so that nobody is needed who may read everything."""
    ledger = [*SCHEMAS_OF[LOADER], RELEASES]
    yield write_dump(place, folder, LEDGER, programs=programs, url=settings.warehouse_url, schemas=ledger, snapshot=snapshot)
    figures = SCHEMAS_OF[TRANSFORMER]
    yield write_dump(place, folder, FIGURES, programs=programs, url=settings.transformer_url, schemas=figures, snapshot=snapshot)


def _refuse_missing(hashes: set[str], files: Mapping[str, int]) -> None:
    known = {name.rpartition("/")[2] for name in files if name.startswith(f"{OBJECTS}/")}
    missing = sorted(hashes - known)
    if missing:
        raise BackupError(
            f"{len(missing):,} landed files are missing, among them {missing[0]}: "
            "`huimin verify landing` lists them, `--repair` fetches what sources still have"
        )


def _archive(deployment: Path) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name in _OF_A_DEPLOYMENT:
            if (deployment / name).exists():
                archive.add(deployment / name, arcname=name, filter=_kept)
    return packed.getvalue()


def _kept(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if _NOT_OF_A_DEPLOYMENT & set(entry.name.split("/")) else entry
