"""Landed files are read again before they are used: one that is missing or altered is fetched anew, or its document refused.

The office is not told: it sent its document right. The data engineers are, and `huimin verify landing --repair` puts things
right once the source, or a backup, has the bytes.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from loaders.arrival import Arrival, ContainerArrival, Decision, Declaration, IssueDecision, ReleaseDecision
from loaders.contract import Report, load_contracts
from loaders.landing import (
    ContentMismatch,
    Discrepancy,
    DiscrepancyKind,
    DocumentTooLarge,
    FileState,
    inspect,
    land,
    readable_states,
    state_of,
    write_record,
)
from loaders.messages import issue_of
from loaders.model import LANDED_FILE_LOST, Issue, Mismatch, Selection
from loaders.settings import Settings, SettingsError
from loaders.sources import DocumentError, SourceError, open_source
from loaders.stages.container_repair import lost_members, restore_members
from loaders.warehouse import Submission, Warehouse

_log = logging.getLogger(__name__)
Wanted = Mapping[str, Collection[str]]
Owners = Mapping[str, Sequence[Arrival | ContainerArrival]]
_EXPECTED = {
    DiscrepancyKind.MISSING: ("the file", "none", "huimin verify landing --repair, or restore it from a backup"),
    DiscrepancyKind.ALTERED: ("what was written", "other content", "huimin verify landing --repair, or restore it from a backup"),
    DiscrepancyKind.EXTRA: ("a row of the ledger", "none", "huimin verify ledger tells of deleted rows; else move the file away"),
    DiscrepancyKind.TEMPORARY: ("no file", "a file", "remove it once no load runs"),
}
_GONE_FROM_SOURCE = "its source does not have it any more"


def lost_files(report: Report, submissions: Sequence[Submission], settings: Settings) -> dict[int, str]:
    """Of submissions about to be read, those whose landed file is not whole and cannot be had again; with the reason."""
    states = readable_states(settings.landing, [one.sha256 for one in submissions])
    broken = [one for one in submissions if states[one.sha256] is not FileState.INTACT]
    if not broken:
        return {}
    wanted: dict[str, set[str]] = {}
    for one in broken:
        _log.error("the landed file %s of %s is %s: it is fetched anew", one.sha256, one.source_uri, states[one.sha256])
        wanted.setdefault(one.source_uri, set()).add(one.sha256)
    reasons = refetch(report, wanted, settings)
    now = readable_states(settings.landing, [one.sha256 for one in broken])
    return {
        one.submission_id: f"{states[one.sha256]}; {reasons.get(one.source_uri, _GONE_FROM_SOURCE)}"
        for one in broken
        if now[one.sha256] is not FileState.INTACT
    }


def refetch(report: Report, wanted: Wanted, settings: Settings) -> dict[str, str]:
    """Fetch documents by their places once more, and keep those whose bytes are the ones that are wanted.

    Members come from the landed files of their containers, or else from containers that are fetched once more.

    Returns:
        Why a document could not be had again, by its place.
    """
    members = lost_members(report, wanted, settings)
    if not members.containers:
        return _refetch_from_source(report, wanted, settings)
    restore_members(report, members, wanted, settings)
    lost = [
        uri for uri in members.containers if any(state_of(settings.landing, one) is not FileState.INTACT for one in wanted[uri])
    ]
    outer = {uri: hashes for uri, hashes in wanted.items() if uri not in members.containers}
    containers = {members.containers[uri]: members.hashes[members.containers[uri]] for uri in lost}
    reasons = _refetch_from_source(report, {**outer, **containers}, settings) if outer or containers else {}
    restore_members(report, members, wanted, settings)
    return reasons | {uri: reasons.get(members.containers[uri], _GONE_FROM_SOURCE) for uri in lost}


def _refetch_from_source(report: Report, wanted: Wanted, settings: Settings) -> dict[str, str]:
    reasons: dict[str, str] = {}
    try:
        with open_source(report, settings) as source:
            pull = source.pull(None, frozenset(), Selection(uris=tuple(wanted)))
            reasons |= {uri: "its source holds it, but it is still being written" for uri in pull.waiting if uri in wanted}
            for remote_document in (
                remote_document for remote_document in pull.remote_documents if remote_document.uri in wanted
            ):
                try:
                    land(settings.landing, partial(source.fetch, remote_document), allowed_hashes=wanted[remote_document.uri])
                except (ContentMismatch, DocumentTooLarge, DocumentError) as error:
                    reasons[remote_document.uri] = str(getattr(error, "strerror", None) or error)
    except (SourceError, SettingsError) as error:
        reasons |= {uri: f"its source cannot be asked: {error}" for uri in wanted if uri not in reasons}
    return reasons


def lost_file_issue(reason: str) -> Issue:
    """Why a document is refused whose landed file is lost."""
    return issue_of(LANDED_FILE_LOST, found=reason)


def verify_landing(settings: Settings, *, repair: bool = False) -> list[dict[str, Any]]:
    """Compare the landing with the ledger, and with `repair` put right what can be.

    Bytes are fetched anew where their source still has them, records are written anew from the ledger, and documents that were
    refused because their file was lost are put into the ledger again. Nothing is ever removed.

    Returns:
        One row per file that is not as it should be: the mismatch, kind, file, what is wrong,
        whose it is, and whether it was repaired.
    """
    warehouse = Warehouse(settings.warehouse_url)
    known = warehouse.records()
    discrepancies = list(inspect(settings.landing, known, load_contracts(settings.expectations).present_names))
    owners: dict[str, list[Arrival | ContainerArrival]] = {}
    for record in known:
        if not isinstance(record, Decision | Declaration | IssueDecision | ReleaseDecision):
            for sha256 in filter(None, (record.sha256, getattr(record, "answers_sha256", None))):
                owners.setdefault(sha256, []).append(record)
    repaired = _repair(settings, warehouse, discrepancies, owners) if repair else {}
    return [_row(discrepancy, owners, repaired) for discrepancy in discrepancies]


def _repair(
    settings: Settings, warehouse: Warehouse, discrepancies: Sequence[Discrepancy], owners: Owners
) -> dict[str, str | None]:
    """Put findings right; by path, None or why it could not be done."""
    outcome: dict[str, str | None] = {}
    for discrepancy in discrepancies:
        if discrepancy.record is not None:
            write_record(settings.landing, discrepancy.record, overwrite=True)
            outcome[discrepancy.path] = None
    broken = [discrepancy for discrepancy in discrepancies if discrepancy.sha256 is not None]
    reasons = _refetch_all(settings, broken, owners)
    for discrepancy in broken:
        is_intact = state_of(settings.landing, discrepancy.sha256 or "") is FileState.INTACT
        outcome[discrepancy.path] = None if is_intact else reasons.get(discrepancy.sha256 or "", _GONE_FROM_SOURCE)
    warehouse.requeue_recovered(lambda sha256: state_of(settings.landing, sha256) is FileState.INTACT)
    return outcome


def _refetch_all(settings: Settings, broken: Sequence[Discrepancy], owners: Owners) -> dict[str, str]:
    reports = load_contracts(settings.expectations).reports
    wanted: dict[str, dict[str, set[str]]] = {}
    for discrepancy in broken:
        for arrival in owners[discrepancy.sha256 or ""]:
            # The answers that a document was made of came once; other answers can bring the same document.
            if arrival.sha256 == discrepancy.sha256:
                wanted.setdefault(arrival.report, {}).setdefault(arrival.uri, set()).add(arrival.sha256)
    reasons: dict[str, str] = {}
    for name, places in wanted.items():
        known = reports.get(name)
        found = refetch(known, places, settings) if known else dict.fromkeys(places, f"there is no sound contract of {name}")
        reasons |= {sha256: found[uri] for uri in found for sha256 in places[uri]}
    return reasons


def _row(discrepancy: Discrepancy, owners: Owners, repaired: Mapping[str, str | None]) -> dict[str, Any]:
    whose = list(_places(discrepancy, owners))
    reason = repaired.get(discrepancy.path)
    expected, found, next_step = _EXPECTED[discrepancy.kind]
    place = f"{discrepancy.path} ({', '.join(whose)})" if whose else discrepancy.path
    return {
        "mismatch": Mismatch(place, discrepancy.description, expected, found, reason or next_step),
        "kind": str(discrepancy.kind),
        "file": discrepancy.path,
        "what": f"{discrepancy.description}; {reason}" if reason else discrepancy.description,
        "documents": whose,
        "is_repaired": discrepancy.path in repaired and reason is None,
    }


def _places(discrepancy: Discrepancy, owners: Owners) -> Iterator[str]:
    yield from dict.fromkeys(arrival.uri for arrival in owners.get(discrepancy.sha256 or "", ()))
    if discrepancy.record is not None and discrepancy.kind is not DiscrepancyKind.EXTRA:
        record = discrepancy.record
        yield f"draft {record.draft_id}" if isinstance(record, ReleaseDecision) else record.uri
