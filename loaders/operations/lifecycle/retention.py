"""Retention: applies the rules of a deployment, or says what they would take away and why the rest is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from loaders.contract import RetentionRules, deployment_of, load_contracts
from loaders.operations.lifecycle.old_files import delete_old_files
from loaders.period import local_today
from loaders.settings import Settings
from loaders.warehouse.lifecycle.retention import OUTBOX, QUARANTINE, SCRATCH_TABLES, RetentionLedger, RuleOutcome

LOG_FILES, SCRATCH_FILES = "log_files", "scratch_files"
# Below HUIMIN_HOME: members of containers while they are read, and what dbt wrote about its runs.
_SCRATCH_FOLDERS = ("unpacking", "dbt/logs")


def apply_retention(
    settings: Settings, *, by: str, is_dry_run: bool = False, logs: Path | None = None, now: dt.datetime | None = None
) -> list[RuleOutcome]:
    """Applies every rule of `deployment.yml`; a rule without days keeps everything. `logs` is a folder of log files.

    Each rule is a transaction of its own. `now` is the time that days are counted from.
    """
    rules = deployment_of(settings.dbt_project).retention
    ledger = RetentionLedger(settings.warehouse_url, is_dry_run=is_dry_run, by=by)
    return [
        *_of_warehouse(settings, rules, ledger, now or dt.datetime.now(dt.UTC)),
        _of_files(
            SCRATCH_FILES,
            rules.scratch_files_days,
            [settings.home / name for name in _SCRATCH_FOLDERS],
            ledger,
            is_dry_run=is_dry_run,
        ),
        _of_files(LOG_FILES, rules.log_files_days, [logs] if logs else [], ledger, is_dry_run=is_dry_run),
    ]


def _of_warehouse(settings: Settings, rules: RetentionRules, ledger: RetentionLedger, now: dt.datetime) -> Iterator[RuleOutcome]:
    keys = {name: report.key for name, report in load_contracts(settings.expectations).reports.items()}
    for rule, days in ((QUARANTINE, rules.quarantine_days), (OUTBOX, rules.outbox_days)):
        yield RuleOutcome(rule, None) if days is None else ledger.contents(rule, days, keys, now)
    days = rules.scratch_tables_days
    yield RuleOutcome(SCRATCH_TABLES, None) if days is None else ledger.scratch_tables(days, local_today())


def _of_files(rule: str, days: int | None, folders: list[Path], ledger: RetentionLedger, *, is_dry_run: bool) -> RuleOutcome:
    if days is None:
        return RuleOutcome(rule, None)
    deleted, kept = delete_old_files(folders, days, is_dry_run=is_dry_run)
    ledger.record_files(rule, days, deleted)
    return RuleOutcome(rule, days, deleted, {"recent": kept} if kept else {})
