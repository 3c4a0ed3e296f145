"""`huimin rotate-key`: puts another key of personal numbers in force, or lists those that were."""

from __future__ import annotations

import datetime as dt
import getpass
import json
from typing import TYPE_CHECKING, Annotated

import typer

from loaders.commands import console
from loaders.period import local_today
from loaders.settings import Settings, reading_settings, stack_settings

if TYPE_CHECKING:
    from loaders.warehouse.personal_keys.key_ring import KeyInForce

EXIT_FAILED = 1
_DAYS = 30


def rotate_key(
    old_until: Annotated[
        dt.datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help=f"The last day on which processes may hold the old key, too; without it, in {_DAYS} days.",
        ),
    ] = None,
    why: Annotated[str, typer.Option(help="Why: policy, or a leak.")] = "",
    by: Annotated[str | None, typer.Option(help="Who decided; without it, the user of this system.")] = None,
    lists: Annotated[bool, typer.Option("--list", help="List the keys that were in force, and change nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Put HUIMIN_PII_KEY in the place of HUIMIN_PII_KEY_OLD: every stored hash is rewritten, all or nothing.

    Figures stay as they are. Exit 1: the old key is not the one in force, and nothing was changed.
    """
    from loaders.operations.lifecycle.key_rotation import keys_in_force
    from loaders.warehouse.personal_keys.key_ring import KeyRefused

    if lists:
        _show(keys_in_force(reading_settings()), as_json)
        return
    settings = stack_settings()
    try:
        _rotate(settings, old_until.date() if old_until else None, by or getpass.getuser(), why)
    except KeyRefused as error:
        console.print_error(str(error))
        raise typer.Exit(EXIT_FAILED) from None
    _show(keys_in_force(settings), as_json)


def _rotate(settings: Settings, old_until: dt.date | None, by: str, why: str) -> None:
    from loaders.operations.lifecycle.key_rotation import postpone_end_of_old_key, rotate_key

    until = old_until or local_today() + dt.timedelta(days=_DAYS)
    done = rotate_key(settings, old_until=until, by=by, why=why)
    if done is not None:
        console.print_note(
            f"{done.hashes_count:,} different hashes in {done.rows_count:,} rows and {done.values_count:,} values behind figures "
            f"were rewritten; next: take HUIMIN_PII_KEY_OLD out of the settings of every process by {until}"
        )
    elif old_until is not None:
        postpone_end_of_old_key(settings, old_until)
        console.print_note(f"the key is in force already; the old one serves until {old_until}")
    else:
        console.print_note("the key is in force already; nothing was changed")


def _show(keys: list[KeyInForce], as_json: bool) -> None:
    rows = [
        {
            "key_fingerprint": key.key_fingerprint,
            "in_force_at": key.in_force_at.isoformat(timespec="seconds"),
            "old_key_until_date": key.old_key_until_date and key.old_key_until_date.isoformat(),
            "hashes_count": key.hashes_count,
            "decided_by": key.decided_by,
            "reason": key.reason,
        }
        for key in keys
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    for row in rows:
        until = f", the key before it until {row['old_key_until_date']}" if row["old_key_until_date"] else ""
        who = f", by {row['decided_by']}: {row['reason']}" if row["decided_by"] else ""
        typer.echo(f"{row['key_fingerprint']} since {row['in_force_at']}{until}{who}")
