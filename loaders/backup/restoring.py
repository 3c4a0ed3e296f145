"""Restores a backup into an empty database and an empty landing, and compares what is there then with what was there."""

from __future__ import annotations

import hashlib
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from loaders.backup.dumps import Programs, refuse_older_restore, restore_dump
from loaders.backup.landing_copy import expand_names, restore_missing
from loaders.backup.manifest import Manifest
from loaders.backup.place import CHUNK_BYTES, BackupError, BackupPlace
from loaders.backup.taking import DEPLOYMENT, FIGURES, LANDING, LEDGER, ledger_account
from loaders.identifiers.personal_keys import key_fingerprint
from loaders.landing import open_store
from loaders.settings import Settings
from loaders.warehouse import migrate
from loaders.warehouse.connection import connect, fetch_all
from loaders.warehouse.schema.roles import SCHEMAS_OF

_OURS = "select nspname as name from pg_namespace where nspname = any(%s)"
_MAY_CREATE = "select current_user as role, has_database_privilege(current_database(), 'create') as may_create"


def refuse_beforehand(settings: Settings, manifest: Manifest, programs: Programs) -> None:
    """Refuses, before anything is written, what would make a restore fail later.

    Raises:
        BackupError: the key is another one, the database has something of ours already, the role may not create anything in it,
            or `pg_restore` is too old.
    """
    _refuse_other_key(settings, manifest)
    _refuse_filled(settings)
    refuse_older_restore(programs, manifest.server_version)


def restore_backup(
    settings: Settings,
    place: BackupPlace,
    manifest: Manifest,
    programs: Programs,
    *,
    county_readers: Sequence[str],
    echo: Callable[[str], None],
) -> tuple[str, ...]:
    """Writes the warehouse and the landing of a backup; the user of the warehouse's URL is the one who migrates.

    The landing comes first and may be taken up again after it broke off; the database is written in two steps, each whole or not.

    Returns:
        What is left to do for a database administrator, as `migrate` returns it.

    Raises:
        BackupError: the key is another one, something is there already, a part is not what the manifest says, or the rows that
            are there at the end are not those of the backup.
    """
    refuse_beforehand(settings, manifest, programs)
    for name in (LANDING, LEDGER, FIGURES):
        _verify_part(place, manifest, name)
    with place.reading(f"{manifest.folder}/{LANDING}") as file:
        names = expand_names(file.read())
    restored = restore_missing(place, open_store(settings.landing), names)
    echo(f"landing {settings.landing}: {restored:,} files written, {manifest.files_count:,} in all")
    for name in (LEDGER, FIGURES):
        echo(f"restoring {name}: {manifest.part(name).byte_size:,} bytes")
        with place.reading(f"{manifest.folder}/{name}") as dump:
            restore_dump(programs, settings.warehouse_url, dump)
    left = migrate(settings.warehouse_url, county_readers)
    with connect(settings.warehouse_url) as connection:
        found = ledger_account(connection)
    if found != manifest.account:
        raise BackupError(f"expected the rows of the backup, {manifest.account}, found {found}: restore into another database")
    return left


def restore_deployment(place: BackupPlace, manifest: Manifest, folder: Path) -> None:
    """Writes the deployment of a backup into a folder that does not exist or is empty, or has it already.

    Raises:
        BackupError: there is something else in the folder.
    """
    if folder.exists() and any(folder.iterdir()):
        if not differing_files(place, manifest, folder):
            return
        raise BackupError(
            f"expected an empty folder for the deployment, found other files in {folder}: empty it, name another, or leave out "
            "--deployment"
        )
    _verify_part(place, manifest, DEPLOYMENT)
    with place.reading(f"{manifest.folder}/{DEPLOYMENT}") as file, tarfile.open(fileobj=file, mode="r|gz") as archive:
        archive.extractall(folder, filter="data")


def differing_files(place: BackupPlace, manifest: Manifest, folder: Path) -> list[str]:
    """Returns the files of a backup's deployment that are missing or other in a folder."""
    with tempfile.TemporaryDirectory() as scratch:
        restore_deployment(place, manifest, Path(scratch) / "deployment")
        top = Path(scratch) / "deployment"
        names = sorted(path.relative_to(top) for path in top.rglob("*") if path.is_file())
        return [str(name) for name in names if not _is_equal(top / name, folder / name)]


def _is_equal(one: Path, other: Path) -> bool:
    return other.is_file() and one.read_bytes() == other.read_bytes()


def _refuse_other_key(settings: Settings, manifest: Manifest) -> None:
    found = [key_fingerprint(key) for key in (settings.hashing_key, settings.old_pii_key) if key]
    if manifest.key_fingerprint not in found:
        raise BackupError(
            f"expected the key of personal numbers with fingerprint {manifest.key_fingerprint}, found {' and '.join(found)}: set "
            "HUIMIN_PII_KEY to the key with which the backup was made, or nobody who is counted already would be known again; "
            "if the key was rotated since, set HUIMIN_PII_KEY_OLD to the key of the backup and HUIMIN_PII_KEY to today's, "
            "restore, and run `huimin rotate-key`"
        )


def _refuse_filled(settings: Settings) -> None:
    wanted = [schema for schemas in SCHEMAS_OF.values() for schema in schemas] + ["release"]
    with connect(settings.warehouse_url) as connection:
        found = [row["name"] for row in fetch_all(connection, _OURS, [wanted])]
        [rights] = fetch_all(connection, _MAY_CREATE)
    if not rights["may_create"]:
        raise BackupError(
            f"expected a role that may create schemas in the database, found {rights['role']}: set HUIMIN_WAREHOUSE_URL to "
            "that of the role that migrates; on a new server that is the administrator"
        )
    if found:
        raise BackupError(
            f"expected an empty database, found the schemas {', '.join(sorted(found))}: create another database, and set "
            "HUIMIN_WAREHOUSE_URL to it as the role that migrates"
        )


def _verify_part(place: BackupPlace, manifest: Manifest, name: str) -> None:
    part, digest, size = manifest.part(name), hashlib.sha256(), 0
    with place.reading(f"{manifest.folder}/{name}") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
    if (size, digest.hexdigest()) != (part.byte_size, part.sha256):
        raise BackupError(
            f"{name} of backup {manifest.backup_id} is not what its manifest says: expected {part.byte_size:,} bytes with "
            f"SHA-256 {part.sha256}, found {size:,} with {digest.hexdigest()}; restore an earlier backup (--backup)"
        )
