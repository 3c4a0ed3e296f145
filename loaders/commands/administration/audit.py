"""`huimin audit …`: who did what, who may do what, and whose reads the server logs."""

from __future__ import annotations

import csv
import datetime as dt
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from loaders.commands import console
from loaders.settings import reading_settings

EXIT_FAILED = 1
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
audit_app = typer.Typer(no_args_is_help=True, help="Who did what, who may do what, and whose reads the server logs.")


@audit_app.callback()
def audit() -> None:
    """Who did what, who may do what, and whose reads the server logs."""


@audit_app.command("log")
def log(
    since: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="From this day on.")] = None,
    action: Annotated[str, typer.Option(help="Only actions that begin so, as `document.` or `rights.`.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List what people decided and what changed rights: when, what, who, why, and as which role of the database."""
    from loaders.warehouse.audit.audit_log import AuditLog

    day = since.date() if since else None
    rows = AuditLog(reading_settings().warehouse_url).events(since=day, action=action, limit=limit)
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, default=str))
        return
    console.print_table("Audit log", [{**row, "details": json.dumps(row["details"], ensure_ascii=False)} for row in rows])


@audit_app.command("permissions")
def permissions_(
    xlsx: Annotated[Path | None, typer.Option(dir_okay=False, help="Write them to this workbook instead.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV instead of a table.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show which role may do what with which object of the warehouse, as PostgreSQL's catalogs have it."""
    from loaders.operations.audit.permission_workbook import write_permissions
    from loaders.warehouse.audit.permissions import Permission, permissions

    settings = reading_settings()
    if xlsx is not None:
        typer.echo(f"{write_permissions(settings, xlsx):,} rows written to {xlsx}")
        return
    rows = permissions(settings.warehouse_url)
    if as_csv:
        csv.writer(sys.stdout, lineterminator="\n").writerows([Permission._fields, *rows])
    elif as_json:
        typer.echo(json.dumps([row._asdict() for row in rows], ensure_ascii=False))
    else:
        console.print_table("Permissions", [row._asdict() for row in rows])


@audit_app.command("reads")
def reads(
    on: Annotated[list[str], typer.Option(help="Log what this role reads from now on; may be given again.")] = [],  # noqa: B006
    off: Annotated[list[str], typer.Option(help="Do not log this role any more; may be given again.")] = [],  # noqa: B006
    as_json: AsJson = False,
) -> None:
    """Switch the logging of what roles read on or off, as a superuser, and show for which it is on."""
    from loaders.warehouse import WarehouseError
    from loaders.warehouse.audit.read_logging import read_logging, switch_read_logging

    url = reading_settings().warehouse_url
    try:
        for role in (*on, *off):
            switch_read_logging(url, role, is_on=role in on)
    except WarehouseError as error:
        console.print_error(str(error))
        raise typer.Exit(EXIT_FAILED) from None
    rows, names_roles = read_logging(url)
    if as_json:
        typer.echo(json.dumps([row._asdict() for row in rows], ensure_ascii=False))
    else:
        console.print_table("Reads that the server logs", [row._asdict() for row in rows])
    if not names_roles:
        console.print_note("a line of the server's log does not name the role: add %u to log_line_prefix")
