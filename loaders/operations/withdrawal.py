"""A document that a person takes out, or puts back: the decision is kept, in the ledger and in the landing."""

from __future__ import annotations

from dataclasses import dataclass, field

from loaders import pipeline
from loaders.landing import write_record
from loaders.operations.acceptance import report_of
from loaders.settings import Settings
from loaders.warehouse import CurrencyChange, Warehouse


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that was made, or would be: what it changes, and how many submissions its loads ended in each state."""

    report: str
    change: CurrencyChange
    states: dict[str, int] = field(default_factory=dict)


def withdraw(settings: Settings, submission_id: int, *, why: str, by: str, is_dry_run: bool = False) -> Decided:
    """Takes a document out, and loads what must be validated because of it.

    Raises:
        DecisionRefused: there is no such submission, it was never accepted, or it is withdrawn already.
    """
    warehouse = Warehouse(settings.warehouse_url)
    report = report_of(settings, warehouse, submission_id)
    # The record is on the disk before the decision is in the ledger for good.
    with warehouse.withdrawing(report, submission_id, why, by, is_dry_run=is_dry_run) as (decision, change):
        if not is_dry_run:
            write_record(settings.landing, decision)
    return Decided(report.report, change, {} if is_dry_run else _load(report.report, change, settings))


def reinstate(settings: Settings, submission_id: int, *, why: str, by: str, is_dry_run: bool = False) -> Decided:
    """Puts a document back that a person withdrew: it is validated again and takes its place in the order of precedence.

    Raises:
        DecisionRefused: there is no such submission, or no person withdrew it.
    """
    warehouse = Warehouse(settings.warehouse_url)
    report = report_of(settings, warehouse, submission_id)
    with warehouse.reinstating(report, submission_id, why, by, is_dry_run=is_dry_run) as (decision, change):
        if not is_dry_run:
            write_record(settings.landing, decision)
    return Decided(report.report, change, {} if is_dry_run else _load(report.report, change, settings))


def _load(report: str, change: CurrencyChange, settings: Settings) -> dict[str, int]:
    return pipeline.load_batch(report, change.waiting, settings) if change.waiting else {}
