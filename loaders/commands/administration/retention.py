"""`huimin retention`: takes away what nothing stands on, by the rules of the deployment, or says what would go and what stays."""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loaders.settings import reading_settings, run_from_environment

if TYPE_CHECKING:
    from loaders.warehouse.lifecycle.retention import RuleOutcome


_REASONS = {
    "current": "retention.current",
    "open_issue": "retention.open_issue",
    "released": "retention.released",
    "recent": "retention.recent",
    "without_contract": "retention.without_contract",
    "unsent": "retention.unsent",
}


def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go and what is kept, and why.")] = False,
    logs: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="A folder of log files, such as Airflow's.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Take away what no figure, release or open issue stands on, by the rules of the deployment."""
    from loaders.operations.lifecycle.retention import apply_retention

    by = run_from_environment() or getpass.getuser()
    outcomes = apply_retention(reading_settings(), by=by, is_dry_run=dry_run, logs=logs)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in outcomes], indent=1))
        return
    for outcome in outcomes:
        typer.echo(_line(outcome, "would go" if dry_run else "removed"))


def _line(outcome: RuleOutcome, verb: str) -> str:
    from loaders.messages import phrase

    if outcome.days is None:
        return f"{outcome.rule}: no rule, everything is kept"
    kept = [f"{count:,} {phrase(_REASONS[reason]).en}" for reason, count in sorted(outcome.kept.items())]
    rest = f"; kept: {', '.join(kept)}" if kept else ""
    return f"{outcome.rule}, after {outcome.days:,} days: {outcome.removed_count:,} {verb}{rest}"
