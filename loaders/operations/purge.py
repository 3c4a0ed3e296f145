"""A report that nobody needs any more is purged: rows, quarantine, ledger and landed files; the decision and the counts stay."""

from __future__ import annotations

from dataclasses import dataclass

from loaders.contract import Contracts, load_contracts
from loaders.landing import PurgePlan, plan_purge
from loaders.settings import Settings
from loaders.warehouse import PurgeCounts, Warehouse, WarehouseError


class PurgeRefused(WarehouseError):
    """A report that may not be purged; the message says why, and what to do first."""


@dataclass(frozen=True, slots=True)
class Purge:
    """What a purge removes: the counts of the warehouse, and the files of the landing."""

    counts: PurgeCounts
    files: PurgePlan


def plan(settings: Settings, report: str) -> Purge:
    """Counts what a purge would remove; changes nothing.

    Raises:
        PurgeRefused: the report is still sent, or its contract cannot be read.
    """
    contracts = load_contracts(settings.expectations)
    _refuse_if_sent(contracts, report)
    warehouse = Warehouse(settings.warehouse_url)
    names = {report, *(contracts.reports[report].formerly if report in contracts.reports else ())}
    files = plan_purge(settings.landing, names, warehouse.hashes_of_others(names))
    return Purge(warehouse.purge_counts(report), files)


def purge(settings: Settings, report: str, *, why: str, by: str) -> Purge:
    """Removes all that is kept of a report. A purge that was interrupted is completed by the next.

    Raises:
        PurgeRefused: the report is still sent, or its contract cannot be read.
        NothingToPurge: nothing is kept of it.
    """
    planned = plan(settings, report)
    files = planned.files
    warehouse = Warehouse(settings.warehouse_url)
    counts = warehouse.purge(report, why=why, by=by, files_count=len(files.landed_files), has_records=bool(files.records))
    planned.files.execute()
    return Purge(counts, planned.files)


def _refuse_if_sent(contracts: Contracts, report: str) -> None:
    if report in contracts.stopped:
        raise PurgeRefused(
            f"the contract of {report} has faults, so that nobody knows whether it is retired: huimin contracts check"
        )
    if report in contracts.present_names:
        raise PurgeRefused(f"{report} is a former name of {contracts.present_names[report]} (formerly); purge that one")
    if report in contracts.reports and contracts.reports[report].retired is None:
        raise PurgeRefused(
            f"{report} is still sent: expected a retired report, or one without a contract; say in its contract "
            'retired: {since: 2024-01, why: {zh: "…", en: "…"}} first'
        )
