"""The contracts that can be worked by. One with a fault costs its own report only, and the data engineers are told of it once.

A report that is stopped keeps its rows and its tables: nothing is loaded of it, rules that look into it wait, indicators go on.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version

from loaders.contract import Contracts, Report, load_contracts
from loaders.dbt.staging_models import sources_of_models
from loaders.messages import phrase
from loaders.model import Notice
from loaders.schedule import ReportingCalendar
from loaders.settings import Settings, SettingsError
from loaders.stages.notifications import queue_notices
from loaders.stages.notifying.sending import Mailer
from loaders.warehouse import RawTableMismatch, Warehouse

_TOPIC = "contracts"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PreparedReports:
    """The reports whose contract is sound, and the names of those that are stopped by it or by their raw table."""

    reports: Mapping[str, Report]
    stopped: frozenset[str]


def prepare_reports(warehouse: Warehouse, settings: Settings) -> PreparedReports:
    """Make or widen the raw table of every report; what is wrong with one is logged and costs that one only."""
    contracts = load_contracts(settings.expectations)
    for error in contracts.errors:
        _log.error("contract %s", error)
    refused = {report for report, _ in _refused_tables(warehouse, contracts, settings)}
    sources = sources_of_models(settings.dbt_project) if contracts.stopped else {}
    for name in sorted(contracts.stopped & sources.keys()):
        warehouse.ensure_placeholder_table(name, sources[name])
    return PreparedReports(contracts.reports, contracts.stopped | refused)


def check_contracts(settings: Settings, mailer: Mailer) -> int:
    """Tell the data engineers every fault of every contract, of its rules, its raw table and its connection, each once.

    Returns:
        The number of faults.
    """
    warehouse = Warehouse(settings.warehouse_url)
    contracts = load_contracts(settings.expectations)
    reports = contracts.reports.values()
    rules = [(contracts.reports[name], f"rules: {error}") for name, error in _rule_errors(contracts.reports, settings)]
    sent = [report for report in reports if report.retired is None]
    unset = [(report, f"source: {error}") for report in sent for error in _unset_connections(report, settings)]
    count = _record_and_send(_files_and_tables(contracts, warehouse, settings), "contracts", warehouse, mailer)
    count += _record_and_send((_notice(_file(report), error) for report, error in rules), "contracts:rules", warehouse, mailer)
    return count + _record_and_send(
        (_notice(_file(report), error) for report, error in unset), "contracts:connections", warehouse, mailer
    )


def _rule_errors(reports: Mapping[str, Report], settings: Settings) -> list[tuple[str, str]]:
    """Report and fault of each rule that cannot run. Trying all takes seconds: it is done once per state of the contracts."""
    kept = settings.home / "rules_checked.json"
    digest = hashlib.sha256(version("great-expectations").encode())
    for name in sorted(reports):
        digest.update(reports[name].model_dump_json().encode())
    with suppress(OSError, ValueError, KeyError, TypeError):
        known = json.loads(kept.read_text(encoding="utf-8"))
        if known["contracts"] == digest.hexdigest():
            return [(name, error) for name, error in known["faults"]]
    from loaders.validation import check_rules

    errors = [(name, error) for name, report in reports.items() for error in check_rules(report)]
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps({"contracts": digest.hexdigest(), "faults": errors}, ensure_ascii=False), encoding="utf-8")
    return errors


def notify_contract_errors(settings: Settings, mailer: Mailer) -> int:
    """Tell the data engineers what the files and the raw tables alone show, which is quickly known; the number of faults."""
    warehouse = Warehouse(settings.warehouse_url)
    found = _files_and_tables(load_contracts(settings.expectations), warehouse, settings)
    return _record_and_send(found, "contracts", warehouse, mailer)


def _record_and_send(found: Iterable[Notice], topic: str, warehouse: Warehouse, mailer: Mailer) -> int:
    notices = list(found)
    warehouse.sync_notices(topic, notices)
    opening = phrase("notice.contracts.opening")
    queue_notices(
        topic,
        warehouse,
        recipient=mailer.operators,
        subject=f"[huimin] {phrase('notice.contracts.subject').en}",
        opening=f"{opening.zh}\n{opening.en}",
    )
    mailer.send_due()
    return len(notices)


def _files_and_tables(contracts: Contracts, warehouse: Warehouse, settings: Settings) -> Iterator[Notice]:
    for error in contracts.errors:
        yield _notice(error.file, f"{error.field}: {error.message}")
    for name, refused in _refused_tables(warehouse, contracts, settings):
        yield _notice(_file(contracts.reports[name]), refused)


def _file(report: Report) -> str:
    return f"{report.system}/{report.report}.yml"


def _refused_tables(warehouse: Warehouse, contracts: Contracts, settings: Settings) -> Iterator[tuple[str, str]]:
    calendar = ReportingCalendar.load(settings)
    for report in contracts.reports.values():
        try:
            warehouse.prepare(report, calendar)
        except RawTableMismatch as refused:
            _log.error("%s", refused)
            # Nothing is loaded of it, and it is owed all the same.
            warehouse.refresh_obligations(report, calendar)
            yield report.report, str(refused)


def _unset_connections(report: Report, settings: Settings) -> Iterator[str]:
    try:
        settings.connection(report.source.connection)
        if password := getattr(report.format, "password", None):
            settings.password(password)
    except SettingsError as error:
        yield str(error)


def _notice(file: str, message: str) -> Notice:
    return Notice(key=file, message=f"{file}: {message}", reason=message)
