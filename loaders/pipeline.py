"""READ THIS FIRST. The stages of one report, in their order.

    extract -> land -> read -> validate -> load -> (dbt) model -> notify

A stage imports no other stage; only this module knows their order. Tasks pass submission ids, never data:

- `extract` asks the source for what is new, lands the bytes as they came and writes one ledger row per document (`landed`).
- `load_batch` turns landed submissions into rows: read in a killable worker process, validated together by Great Expectations,
  loaded in ONE transaction with their rejected rows, issues, superseded rows, ledger states and the watermark.
- `validate_again` reads and validates documents that were loaded before, for a replay, an override or a dry run.
- `notify_owners` and `send_digests` report each issue to its owner once; a mail server that is down stops and delays nothing.
- `check_contracts` reports each error of a contract to the data engineers once; only that report stops.
- `cross_check` runs the cross-report rules over all current rows; their issues are reported like any other.
- `build` runs dbt, which recomputes the indicators that the loads touched, and decides what may be shown of sensitive ones.
- `detect_anomalies` judges what was loaded by its history; what it finds are warnings.

A process that dies leaves landed submissions behind; the next run takes them up again.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from loaders.contract import ContractError, Report, load_contracts, load_report
from loaders.model import Pull, RemoteDocument, Selection
from loaders.period import Period, local_today
from loaders.reading import ReaderPool
from loaders.schedule import ReportingCalendar
from loaders.settings import Settings, run_from_environment
from loaders.sources import FinishingSource, open_source
from loaders.stages.anomaly_detection import detect
from loaders.stages.anomaly_notices import queue_anomaly_notices
from loaders.stages.batch_reading import ReadBatch, claim_and_read, make_validator, personal_keys, read_documents
from loaders.stages.batch_validation import items_to_load
from loaders.stages.container_landing import (
    chosen_places,
    known_at_source,
    open_containers,
    register_container,
    selected_at_source,
)
from loaders.stages.container_notices import queue_container_notices, record_container_notices
from loaders.stages.contract_checks import PreparedReports, check_contracts, prepare_reports
from loaders.stages.document_landing import DocumentLander
from loaders.stages.indicator_build import await_loads, build, is_built
from loaders.stages.landing_repair import lost_files
from loaders.stages.notifications import (
    log_refused_documents,
    notify_operators,
    queue_document_notices,
    record_interrupted_readers,
    record_unavailable_documents,
)
from loaders.stages.notifying.conversations import Conversations
from loaders.stages.notifying.daily import chase, send_digests, send_outbox
from loaders.stages.notifying.document_copies import DocumentCopies
from loaders.stages.notifying.routes import Routes
from loaders.stages.notifying.sending import Mailer
from loaders.stages.source_notices import queue_source_notices, record_source_notices
from loaders.warehouse import LoadItem, Submission, UnconfirmedGone, Warehouse

__all__ = [
    "Mailer",
    "ReadBatch",
    "await_loads",
    "build",
    "chase",
    "check_contracts",
    "cross_check",
    "detect_anomalies",
    "extract",
    "is_built",
    "load_batch",
    "load_read_batch",
    "notify_operators",
    "notify_owners",
    "prepare_reports",
    "read_batch",
    "send_digests",
    "send_outbox",
    "validate_again",
]
_log = logging.getLogger(__name__)


def extract(
    report_name: str,
    settings: Settings,
    *,
    periods: Sequence[str] = (),
    units: Sequence[str] = (),
    uris: Sequence[str] = (),
    again: bool = False,
) -> list[list[int]]:
    """Lands what is new of a report, and returns all its landed submissions in batches.

    `periods`, `units` and `uris` select documents instead of all that is new. With `again`, selected documents that were loaded
    before are loaded once more from their landed bytes, as a new revision.

    Returns:
        Lists of submission ids, each list for one `load_batch`.

    Raises:
        ContractError: a period is of another kind than the report's, or a unit is none of its units. Nothing is asked for.
    """
    report = _report(report_name, settings)
    selection = _selection(report, periods, units, uris)
    warehouse = Warehouse(settings.warehouse_url)
    warehouse.prepare(report, ReportingCalendar.load(settings))
    if again:
        places = chosen_places(uris, warehouse.container_contents(report))
        warehouse.reload(report, periods=periods, units=units, uris=places)
    pull, unconfirmed, missed = _pull(report, warehouse, settings, selection)
    # `notify_owners` sends these: no mail delays the load of documents.
    checked = [document.uri for document in pull.remote_documents] if selection else None
    reasons = {uri: reason for uri, reason in missed.items() if reason is not None}
    record_unavailable_documents(report, warehouse, reasons, checked=checked)
    if not selection:
        record_source_notices(report, warehouse, pull, unconfirmed, settings)
    return list(_batches([submission.submission_id for submission in warehouse.pending(report)], settings.batch_size))


def _pull(
    report: Report, warehouse: Warehouse, settings: Settings, selection: Selection
) -> tuple[Pull, UnconfirmedGone, dict[str, str | None]]:
    """Lists the source and lands what is new.

    Returns:
        The pull, the documents missing at the source, and why documents could not be landed, if an engineer must act on it.
    """
    cursor = warehouse.watermark(report)
    contents = warehouse.container_contents(report)
    known = known_at_source(warehouse.known_versions(report), contents, report)
    with open_source(report, settings, warehouse.waiting_files(report)) as source:
        is_full = not selection and warehouse.is_full_comparison_due(report)
        listed = source.pull(cursor, known, selected_at_source(selection, contents, report), is_full=is_full)
        opened = open_containers(source, listed, report, settings, selection, contents)
        pull, missed = opened.pull, dict(opened.missed)
        # Selected documents prove nothing about the others, and a container that did not come must be listed again.
        cursor_to = cursor if selection or missed else pull.cursor_to
        pull_id = warehouse.open_pull(report, cursor, cursor_to, is_full=is_full)
        warehouse.save_waiting_files(report, pull.waiting_files, delete_others=not selection)
        # Before anything is registered: a moved document is no duplicate of the one that is gone.
        unconfirmed = warehouse.record_presence(report, pull_id, pull)
        for container in opened.containers:
            register_container(warehouse, settings, report, pull_id, container, cursor_to)
            if isinstance(source, FinishingSource):
                source.finish(container.document)
        lander = DocumentLander(source, report, warehouse, settings, pull_id, cursor_to, missed)
        lander.land_all(_future_first(pull.remote_documents), opened.landed)
        # A pull that brings only what is new begins at the watermark, which must not pass a document that is missing.
        if not (missed and report.brings_changes_only):
            warehouse.close_pull(report, pull_id)
    record_container_notices(report, warehouse, opened.containers, settings)
    return replace(pull, remote_documents=listed.remote_documents), unconfirmed, missed


def _future_first(documents: Sequence[RemoteDocument]) -> list[RemoteDocument]:
    """Puts documents with a timestamp in the future first: the document that comes later takes precedence."""
    now = dt.datetime.now(dt.UTC)
    return sorted(documents, key=lambda document: document.modified_at <= now)


def load_batch(report_name: str, submission_ids: Sequence[int], settings: Settings) -> dict[str, int]:
    """Reads, validates and loads landed submissions of one report, in one transaction.

    Returns:
        How many submissions ended in each state.

    Raises:
        ClaimLost: another run took these submissions over meanwhile; nothing was written.
    """
    with ReaderPool(settings.reading) as pool:
        batch = read_batch(report_name, submission_ids, settings, pool)
    return load_read_batch(batch, settings)


def read_batch(
    report_name: str, submission_ids: Sequence[int], settings: Settings, pool: ReaderPool, *, prefer_pandas: bool = False
) -> ReadBatch:
    """Claims and reads landed submissions of one report.

    With `prefer_pandas`, rules of the registered kinds run without the rule engine, which takes seconds to load, and find the
    same: for loads without a scheduler.
    """
    return claim_and_read(_report(report_name, settings), submission_ids, settings, pool, prefer_pandas=prefer_pandas)


def load_read_batch(batch: ReadBatch, settings: Settings) -> dict[str, int]:
    """Validates and loads what `read_batch` read, in one transaction. Returns and raises what `load_batch` does."""
    report, submissions, readings = batch.report, batch.submissions, batch.readings
    warehouse = Warehouse(settings.warehouse_url)
    items = items_to_load(batch.validator, submissions, readings, personal_keys(settings))
    outcomes = warehouse.load_batch(report, batch.token, items, run=run_from_environment())
    log_refused_documents(submissions, outcomes)
    warehouse.refresh_obligations(report, ReportingCalendar.load(settings))
    refusals = {one.source_uri: reading.refusal for one, reading in zip(submissions, readings, strict=True)}
    record_interrupted_readers(report, warehouse, refusals)
    return dict(Counter(str(outcome.state) for outcome in outcomes))


def validate_again(report_name: str, submissions: Sequence[Submission], settings: Settings) -> Iterator[LoadItem]:
    """Reads and validates landed documents by today's contract, and loads nothing.

    Yields:
        Each document with its reading and the results of validation, which must be taken in this order.
    """
    report = _report(report_name, settings)
    validator, keys = make_validator(report, settings), personal_keys(settings)
    with ReaderPool(settings.reading) as pool:
        for start in range(0, len(submissions), settings.batch_size):
            batch = submissions[start : start + settings.batch_size]
            lost = lost_files(report, batch, settings)
            yield from items_to_load(validator, batch, read_documents(report, batch, lost, settings, pool), keys)


def cross_check(settings: Settings, *, again: bool = False, prepared: PreparedReports | None = None) -> dict[str, int]:
    """Runs the cross-report rules over all current rows and stores their issues with the report whose owner is responsible.

    A rule whose reports did not change since its last run keeps its issues, unless it is run `again`. `prepared` is what
    `prepare_reports` returned, if it was called just before.

    Returns:
        The number of open issues of such rules, by the report whose owner `notify_owners` notifies.

    Raises:
        CrossRuleError: some rules failed; the issues of the others are stored.
    """
    warehouse = Warehouse(settings.warehouse_url)
    prepared = prepared or prepare_reports(warehouse, settings)
    return warehouse.cross_check(prepared.reports, stopped=prepared.stopped, again=again)


def detect_anomalies(settings: Settings, *, again: bool = False) -> dict[str, int]:
    """Judges the values of monthly reports by their history, and stores what is unlike before for `notify_owners`.

    Only reports of which something was loaded since the last look are judged; `again`: all. Nothing is judged before the first
    build.

    Returns:
        The number of anomalies that stand, by report, of those that were judged.
    """
    contracts = load_contracts(settings.expectations)
    return detect(contracts.reports, settings, again=again)


def notify_owners(report_name: str, settings: Settings, mailer: Mailer | None = None, *, day: dt.date | None = None) -> int:
    """Reports to a report's owner, and to units with addresses of their own, each error once, and once that all are settled.

    The data engineers are told of each document that could not be fetched. The messages are queued in the outbox, and what is due
    there is sent. What a server does not take is listed in `mailer.failures` and logged; the next run sends it. `day` is today's.

    Returns:
        The number of messages sent.
    """
    report = _report(report_name, settings)
    mailer = mailer or Mailer(settings)
    if not mailer.is_set:
        _log.warning("HUIMIN_SMTP_URL is not set: nobody is told of the problems of %s", report_name)
        return 0
    warehouse = Warehouse(settings.warehouse_url)
    routes = Routes.load(settings, day or local_today())
    conversations = Conversations(warehouse, routes, settings, DocumentCopies(warehouse, settings))
    conversations.queue_errors(report)
    conversations.queue_closings(report)
    queue_document_notices(report, warehouse, mailer)
    queue_anomaly_notices(report, warehouse)
    queue_container_notices(report, warehouse, mailer)
    queue_source_notices(report, warehouse, mailer)
    return mailer.send_due()


def _selection(report: Report, periods: Sequence[str], units: Sequence[str], uris: Sequence[str]) -> Selection:
    wanted = tuple(Period.parse(text) for text in periods)
    for period in wanted:
        if period.kind is not report.period_kind:
            raise ContractError(f"{report.report} comes by {report.period_kind or 'no period'}, not by {period}")
    for unit in units:
        if unit not in report.units:
            raise ContractError(f"{report.report} has no unit {unit}; its contract has {', '.join(report.units[:20])}")
    return Selection(units=tuple(units), periods=wanted, uris=tuple(uris))


def _report(name: str, settings: Settings) -> Report:
    found = sorted(settings.expectations.glob(f"*/{name}.yml"))
    if not found:
        raise ContractError(f"there is no contract {settings.expectations}/<system>/{name}.yml")
    # Two systems may have a report of the same name; then one of the two files is wrong.
    return load_report(found[0]) if len(found) == 1 else load_contracts(settings.expectations).valid_report(name)


def _batches(ids: Sequence[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(ids), size):
        yield list(ids[start : start + size])
