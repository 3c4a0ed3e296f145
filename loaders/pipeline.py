"""READ THIS FIRST. One report's way through the house, stage by stage.

    extract -> land -> read -> validate -> load -> (dbt) model -> feed back

A stage knows no other stage; only this module knows their order. Tasks pass submission ids, never data:

- `extract` asks the source for what is new, lands the bytes as they came and writes one ledger row a document (`landed`).
- `load_batch` takes some landed submissions to rows: read in a killable child, judged together by Great Expectations,
  loaded in ONE transaction with their rejects, issues, superseded marks, ledger states and the watermark.
- `notify_owners` tells the owner each problem once, when the work is done; a mail server that is down stops and delays nothing.
- `check_contracts` tells the data engineers each fault of a contract once; it stops that report alone.
- `cross_check` runs the rules between reports over all current rows; what they find is told like any other problem.
- `build` lets dbt recompute the indicators that the loads touched.

A process that dies anywhere leaves landed submissions behind; the next run takes them up again.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from loaders.contract import ContractError, Report, load_contracts, load_report
from loaders.dbt.runner import ROWS_CHANGED, ModelError, ModelResult, build_models, project_fingerprint
from loaders.divisions import Divisions
from loaders.landing import DocumentTooLarge, land, write_record
from loaders.model import RemoteDocument, Selection
from loaders.period import Period
from loaders.reading import ReaderPool
from loaders.settings import Settings
from loaders.sources import DocumentError, Source, StillChanging, open_source
from loaders.stages.batch_reading import read_documents
from loaders.stages.batch_validation import items_to_load
from loaders.stages.contract_checks import check_contracts, prepare_reports
from loaders.stages.landing_repair import lost_files
from loaders.stages.notifications import (
    Mailer,
    notify_operators,
    notify_owner,
    record_interrupted_readers,
    record_lost_files,
    record_unavailable_documents,
    send_document_notices,
)
from loaders.stages.source_notices import record_source_notices, send_source_notices
from loaders.validation import Validator
from loaders.warehouse import Build, Warehouse

__all__ = [
    "Mailer",
    "await_loads",
    "build",
    "check_contracts",
    "cross_check",
    "extract",
    "is_built",
    "load_batch",
    "notify_operators",
    "notify_owners",
]
_POLL_SECONDS = 1.0
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
    """Land what is new of a report, and give all its landed submissions in batches.

    `periods`, `units` and `uris` choose documents instead of taking all that is new; with `again`, chosen documents that
    were loaded before are loaded once more from their landed bytes, as a new revision.

    Returns:
        Lists of submission ids, each list for one `load_batch`.
    """
    report = _report(report_name, settings)
    warehouse = Warehouse(settings.warehouse_url)
    warehouse.prepare(report)
    if again:
        warehouse.reload(report, periods=periods, units=units, uris=uris)
    only = Selection(units=tuple(units), periods=tuple(Period.parse(text) for text in periods), uris=tuple(uris))
    cursor = warehouse.watermark(report)
    with open_source(report, settings, warehouse.waiting_files(report)) as source:
        is_full = not only and warehouse.is_full_comparison_due(report)
        pull = source.pull(cursor, warehouse.known_versions(report), only if only else None, is_full=is_full)
        # Chosen documents say nothing of the others, so they do not move the watermark.
        cursor_to = cursor if only else pull.cursor_to
        pull_id = warehouse.open_pull(report, cursor, cursor_to, is_full=is_full)
        warehouse.save_waiting_files(report, pull.waiting_files, delete_others=not only)
        # Before anything is registered: what was moved is no duplicate of what has gone.
        unconfirmed = warehouse.record_presence(report, pull_id, pull)
        landed = [
            (remote_document.uri, _land_document(source, remote_document, pull_id, report, warehouse, settings, cursor_to))
            for remote_document in _future_first(pull.remote_documents)
        ]
        missed = {uri: reason for uri, reason in landed if reason is not None}
        warehouse.close_pull(report, pull_id)
    # Told by `notify_owners`: no mail stands between documents and their load.
    record_unavailable_documents(
        report, warehouse, missed, checked=[remote_document.uri for remote_document in pull.remote_documents] if only else None
    )
    if not only:
        record_source_notices(report, warehouse, pull, unconfirmed, settings)
    return list(_batches([submission.submission_id for submission in warehouse.pending(report)], settings.batch_size))


def _future_first(remote_documents: Sequence[RemoteDocument]) -> list[RemoteDocument]:
    """Of what comes at once, documents from the future first: what comes later wins over them."""
    now = dt.datetime.now(dt.UTC)
    return sorted(remote_documents, key=lambda remote_document: remote_document.modified_at <= now)


def _land_document(
    source: Source,
    remote_document: RemoteDocument,
    pull_id: int,
    report: Report,
    warehouse: Warehouse,
    settings: Settings,
    cursor_to: str | None,
) -> str | None:
    """Land one document and write it into the ledger. One that cannot be had stays out of it, so that the next run asks again.

    Returns:
        Why it could not be had and an engineer must see to it; None when all is well, or will be by itself.
    """
    try:
        landed = land(settings.landing, lambda target: source.fetch(remote_document, target))
    except StillChanging as changing:
        _log.warning("%s", changing)
        return None
    except (DocumentError, DocumentTooLarge) as error:
        _log.error("%s: %s", remote_document.uri, error)
        return f"{type(error).__name__}: {error}"
    # The record beside the bytes is on the disk before the ledger's row is there for good.
    with warehouse.registering(pull_id, remote_document, landed, report) as submission:
        if submission is not None:
            write_record(settings.landing, submission.arrival_of(remote_document, landed, cursor_to))
    return None


def load_batch(report_name: str, submission_ids: Sequence[int], settings: Settings) -> dict[str, int]:
    """Read, validate and load landed submissions of one report, in one transaction.

    Returns:
        How many submissions ended in each state.

    Raises:
        ClaimLost: another run took these submissions over meanwhile; nothing was written.
    """
    report = _report(report_name, settings)
    warehouse = Warehouse(settings.warehouse_url)
    token, submissions = warehouse.claim(report, submission_ids)
    lost = lost_files(report, submissions, settings)
    record_lost_files(report, warehouse, {one.source_uri: lost.get(one.submission_id) for one in submissions})
    submissions = warehouse.discard_lost_reloads(report, token, submissions, lost)
    divisions = Divisions.load(settings.divisions)
    validator = Validator(report, divisions, settings.pii_key)
    validator.preload()
    with ReaderPool(settings.reading) as pool:
        readings = read_documents(report, submissions, lost, settings, pool)
        items = items_to_load(validator, submissions, readings)
        outcomes = warehouse.load_batch(report, token, items)
    refusals = {one.source_uri: reading.refusal for one, reading in zip(submissions, readings, strict=True)}
    record_interrupted_readers(report, warehouse, refusals)
    return dict(Counter(str(outcome.state) for outcome in outcomes))


def cross_check(settings: Settings, *, again: bool = False) -> dict[str, int]:
    """Run the rules between reports over all current rows, and keep what they find as issues of the reports that are wrong.

    Rules whose reports were not touched since they were last run stand by what they found, unless they are run `again`.

    Returns:
        The open issues of such rules, by the report whose owner is to be told (`notify_owners`).

    Raises:
        CrossRuleBroken: some rules could not be run; what the others found is kept.
    """
    warehouse = Warehouse(settings.warehouse_url)
    prepared = prepare_reports(warehouse, settings)
    return warehouse.cross_check(prepared.reports, stopped=prepared.stopped, again=again)


def notify_owners(report_name: str, settings: Settings, mailer: Mailer | None = None) -> int:
    """Tell the report's owner every problem, and the data engineers every document that could not be had, once.

    What the mail server does not take is said by `mailer.failures` and in the log, and is told by the next run.

    Returns:
        The number of messages sent.
    """
    report = _report(report_name, settings)
    mailer = mailer or Mailer(settings)
    if not mailer.is_set:
        _log.warning("HUIMIN_SMTP_URL is not set: nobody is told of the problems of %s", report_name)
        return 0
    warehouse = Warehouse(settings.warehouse_url)
    sent = notify_owner(report, warehouse, Divisions.load(settings.divisions), mailer)
    sent += send_document_notices(report, warehouse, mailer)
    return sent + send_source_notices(report, warehouse, mailer)


def await_loads(settings: Settings, *, longest_seconds: float = 300, quiet_seconds: float = 20) -> int:
    """Let loads that are under way finish, so that their indicators are made once and not after each of them.

    Documents that wait while nothing moves for `quiet_seconds` are not waited for: their load may have died.

    Returns:
        How many documents still wait to be loaded.
    """
    warehouse = Warehouse(settings.warehouse_url)
    started = moved = time.monotonic()
    before = waiting = warehouse.count_pending()
    while waiting and time.monotonic() - started < longest_seconds and time.monotonic() - moved < quiet_seconds:
        time.sleep(_POLL_SECONDS)
        waiting = warehouse.count_pending()
        if waiting != before:
            before, moved = waiting, time.monotonic()
    return waiting


def build(settings: Settings) -> dict[str, int]:
    """Recompute the indicators, unless nothing was loaded and no model changed since the last build.

    While the models are as the last build left them, as files and in the warehouse, only tables are brought up to date and
    checked: a view shows new rows by itself. Two builds of one warehouse never run at the same time: the second waits.

    Returns:
        How many dbt nodes ended in each status; empty when there was nothing to do.

    Raises:
        BuildRunning: dbt is at work on this warehouse and does not end.
        ModelError: a model, a seed or a test failed.
    """
    warehouse = Warehouse(settings.warehouse_url)
    prepare_reports(warehouse, settings)
    # A build that had to wait for another one finds, as a rule, that nothing is left to do.
    with warehouse.exclusive_build():
        return _build(warehouse, settings)


def _build(warehouse: Warehouse, settings: Settings) -> dict[str, int]:
    last, now = warehouse.last_build(), _build_state(warehouse, settings)
    if last == now:
        return {}
    warehouse.analyze_changed()
    result = _refresh_tables(warehouse, settings, now) if last is not None and last.models == now.models else None
    result = result or build_models(settings)
    # What was loaded while dbt ran may or may not be in what it read.
    warehouse.record_build(replace(_build_state(warehouse, settings), mark=now.mark))
    return dict(result.counts)


def _refresh_tables(warehouse: Warehouse, settings: Settings, before: Build) -> ModelResult | None:
    """Bring the tables up to date; None when a table had to be made anew, and the views on it went with it."""
    result = None
    try:
        result = build_models(settings, ROWS_CHANGED)
    except ModelError:
        if _build_state(warehouse, settings).models == before.models:
            raise
    return result if result and _build_state(warehouse, settings).models == before.models else None


def is_built(settings: Settings) -> bool:
    """Whether the indicators, and the issues between reports, show all that is loaded, by models and rules as they are now."""
    warehouse = Warehouse(settings.warehouse_url)
    if warehouse.last_build() != _build_state(warehouse, settings):
        return False
    return warehouse.is_cross_checked(load_contracts(settings.expectations).reports)


def _build_state(warehouse: Warehouse, settings: Settings) -> Build:
    return Build(
        mark=warehouse.ledger_fingerprint(),
        models=f"{project_fingerprint(settings.dbt_project)} {warehouse.models_fingerprint()}",
    )


def _report(name: str, settings: Settings) -> Report:
    found = sorted(settings.expectations.glob(f"*/{name}.yml"))
    if not found:
        raise ContractError(f"there is no contract {settings.expectations}/<system>/{name}.yml")
    # Two systems with a report of one name: one of the two files is at fault.
    return load_report(found[0]) if len(found) == 1 else load_contracts(settings.expectations).valid_report(name)


def _batches(ids: Sequence[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(ids), size):
        yield list(ids[start : start + size])
