"""`huimin backup` and `huimin restore`: the warehouse, the landing and the deployment at one point in time, and back."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loaders.commands import console
from loaders.settings import Settings, connection_from_environment, stack_settings

if TYPE_CHECKING:
    from loaders.backup.manifest import Manifest
    from loaders.backup.place import BackupPlace

EXIT_FAILED = 1
_CONNECTION = "backup"
Place = Annotated[str, typer.Argument(help="A folder, or s3://bucket/prefix.", metavar="DIR|s3://…")]
Connection = Annotated[str, typer.Option(help="The connection with the keys of the bucket.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def backup(
    place: Place,
    connection: Connection = _CONNECTION,
    keep: Annotated[int | None, typer.Option(min=1, help="Delete all backups but the newest ones afterwards.")] = None,
    as_json: AsJson = False,
) -> None:
    """Back up the warehouse, the landing and the deployment while everything goes on; the key of personal numbers not."""
    from loaders.backup.dumps import Programs
    from loaders.backup.place import BackupError, open_place
    from loaders.backup.taking import delete_older, take_backup

    settings = stack_settings()
    try:
        opened = open_place(place, settings.connections, connection)
        taken = take_backup(settings, opened, Programs(settings.postgres_binaries), console.print_note)
        gone = delete_older(opened, keep) if keep else []
    except BackupError as error:
        console.print_error(str(error))
        raise typer.Exit(EXIT_FAILED) from None
    if as_json:
        typer.echo(json.dumps({**asdict(taken.manifest), "new_files_count": taken.new_files_count, "deleted": gone}, indent=1))
        return
    size = sum(part.byte_size for part in taken.manifest.parts)
    typer.echo(f"backup {taken.manifest.backup_id}: {size:,} bytes, and {taken.new_files_count:,} landed files that were new "
               f"({taken.new_bytes:,} bytes) of {taken.manifest.files_count:,}")  # fmt: skip
    typer.echo(f"keep HUIMIN_PII_KEY apart from it: its fingerprint is {taken.manifest.key_fingerprint}")
    if gone:
        typer.echo(f"deleted: {', '.join(gone)}")


def restore(
    place: Place,
    backup_id: Annotated[str | None, typer.Option("--backup", help="The number of a backup; without it, the newest.")] = None,
    connection: Connection = _CONNECTION,
    deployment: Annotated[
        Path | None, typer.Option(file_okay=False, help="Write contracts, models and seeds to this empty folder too.")
    ] = None,
    lists: Annotated[bool, typer.Option("--list", help="List the backups, and restore nothing.")] = False,
) -> None:
    """Restore a backup into an empty database and an empty landing, and verify both.

    HUIMIN_WAREHOUSE_URL is that of the role that migrates. Exit 1: something is not as it was, or is left for the administrator.
    """
    from loaders.backup.manifest import read_manifest
    from loaders.backup.place import BackupError, open_place

    try:
        if lists:
            # Neither the warehouse nor the key is needed, and they may be gone.
            url = connection_from_environment(connection)
            _print_backups(open_place(place, {connection: url} if url else {}, connection))
            return
        settings = stack_settings()
        opened = open_place(place, settings.connections, connection)
        manifest = read_manifest(opened, backup_id)
        left = _restore(settings, opened, manifest, deployment)
    except BackupError as error:
        console.print_error(str(error))
        raise typer.Exit(EXIT_FAILED) from None
    typer.echo(f"backup {manifest.backup_id} is restored and verified (landing, ledger, releases, audit log); its rows: "
               f"{console.counts(manifest.account)}")  # fmt: skip
    typer.echo("next: passwords of the roles and addresses of the services, as in docs/operations.md from step 6 on")
    if left:
        console.print_error("a database administrator must run:\n" + "\n".join(f"{statement};" for statement in left))
        raise typer.Exit(EXIT_FAILED)


def _print_backups(place: BackupPlace) -> None:
    from loaders.backup.manifest import list_backups, read_manifest

    # Where there is none, reading the newest says what was expected.
    for manifest in [read_manifest(place, backup_id) for backup_id in list_backups(place)] or [read_manifest(place)]:
        size = sum(part.byte_size for part in manifest.parts)
        typer.echo(f"{manifest.backup_id}  {size:,} bytes, {manifest.files_count:,} landed files; its rows: "
                   f"{console.counts(manifest.account)}")  # fmt: skip


def _restore(settings: Settings, place: BackupPlace, manifest: Manifest, deployment: Path | None) -> tuple[str, ...]:
    from loaders.backup.dumps import Programs
    from loaders.backup.restoring import differing_files, refuse_beforehand, restore_backup, restore_deployment
    from loaders.contract import deployment_of
    from loaders.operations.verification import verify_all

    programs = Programs(settings.postgres_binaries)
    refuse_beforehand(settings, manifest, programs)
    if deployment is not None:
        restore_deployment(place, manifest, deployment)
        settings = replace(settings, expectations=deployment / "expectations", dbt_project=deployment / "dbt_project")
    elif changed := differing_files(place, manifest, settings.dbt_project.parent):
        console.print_note(
            f"the deployment here is not that of the backup: {len(changed)} files differ, such as {changed[0]}; "
            "--deployment FOLDER writes that of the backup"
        )
    counties = deployment_of(settings.dbt_project).county_readers
    left = restore_backup(settings, place, manifest, programs, county_readers=counties, echo=console.print_note)
    wrong = [mismatch for found in verify_all(settings).values() for mismatch in found]
    for mismatch in wrong:
        console.print_error(str(mismatch))
    if wrong:
        raise typer.Exit(EXIT_FAILED)
    return left
