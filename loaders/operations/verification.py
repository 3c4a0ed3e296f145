"""Names what was changed behind the program's back: in the landing, in the ledger, in releases, in the audit log.

The ledger is compared with what somebody who can write to the database cannot also write: the landing's records of arrivals and
decisions, the rows themselves, and the lists of documents in releases, which are chained by hashes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from loaders.arrival import Arrival, Decision
from loaders.contract import load_contracts
from loaders.landing import CorruptRecord, read_records, with_present_name
from loaders.model import Mismatch
from loaders.operations.audit.audit_chain import verify_audit
from loaders.operations.releases import verify_releases
from loaders.settings import Settings
from loaders.stages.landing_repair import verify_landing
from loaders.warehouse import LedgerRows, Warehouse

_RESTORE = "compare with a backup of the warehouse, or rebuild the ledger into a new one: huimin rebuild-ledger"
# The column of the ledger, and the field of the record that it must agree with. What a record does not state was not known then.
_IDENTITY = {
    "unit_code": "unit",
    "period": "period",
    "source_modified_at": "modified_at",
    "sha256": "sha256",
    "byte_size": "byte_size",
    "effective_at": "effective_at",
}
_DECISION = {"decision": "decision", "reason": "why", "decided_by": "by"}
Row = dict[str, Any]


def verify_all(settings: Settings, head: str | None = None) -> dict[str, list[Mismatch]]:
    """Verifies landing, ledger, releases and audit log; what does not agree, by part."""
    missing = _missing_landing(settings)
    return {
        # The ledger names it: one line says what thousands would.
        "landing": [] if missing else [row["mismatch"] for row in verify_landing(settings)],
        "ledger": verify_ledger(settings),
        "releases": verify_releases(settings, head)[0],
        "audit": verify_audit(settings)[0],
    }


def verify_ledger(settings: Settings) -> list[Mismatch]:
    """Compares the ledger with the landing's records, with the rows that it counts, and with the documents of releases."""
    missing = _missing_landing(settings)
    if missing is not None:
        return [missing]
    present_names = load_contracts(settings.expectations).present_names
    # Before the records: a document that arrives meanwhile has a record and no row here, and is newer than this reading.
    ledger = Warehouse(settings.warehouse_url).ledger_rows(json.dumps(dict(present_names)))
    found = (with_present_name(record, present_names) for _, record in read_records(settings.landing))
    records = [record for record in found if not isinstance(record, CorruptRecord)]
    arrivals = [record for record in records if isinstance(record, Arrival)]
    decided = [record for record in records if isinstance(record, Decision)]
    return [
        *_compare_arrivals(ledger, arrivals),
        *_compare_decisions(ledger, decided),
        *_counts(ledger.wrong_counts),
        *_states(ledger.wrong_states),
        *_released(ledger.released_missing),
    ]


def _missing_landing(settings: Settings) -> Mismatch | None:
    """Returns what is wrong with a landing that has nothing at all of what the ledger knows: most often it is another one."""
    if next(iter(read_records(settings.landing)), None) is not None:
        return None
    known = len(Warehouse(settings.warehouse_url).records())
    next_step = "set HUIMIN_HOME (or HUIMIN_LANDING) to that of this warehouse, or restore it from a backup"
    return Mismatch(str(settings.landing), "nothing landed here", f"{known:,} records", "none", next_step) if known else None


def _compare_arrivals(ledger: LedgerRows, arrivals: Sequence[Arrival]) -> Iterator[Mismatch]:
    kept = {(record.report, record.uri, record.arrived_at): record for record in arrivals}
    known, documents = set(), set()
    for row in ledger.submissions:
        key = (row["report"], row["source_uri"], row["arrived_at"])
        known.add(key)
        documents.add((row["report"], row["source_uri"], row["sha256"]))
        place = f"ops.submission {row['submission_id']}"
        if key not in kept:
            expected = f"a record of {row['source_uri']} that arrived at {row['arrived_at']}"
            yield Mismatch(place, "the landing has no record of it: it was added or changed", expected, "none", _RESTORE)
            continue
        yield from _compare(place, row, kept[key], _IDENTITY)
    for key, record in kept.items():
        # A process that died before its row was committed leaves a record of a document that the next run enters again.
        is_known = key in known or (record.report, record.uri, record.sha256) in documents
        if not is_known and record.arrived_at < ledger.read_at:
            yield Mismatch(
                "ops.submission",
                "a document that arrived is not there: its row was deleted or changed",
                record.uri,
                "no row",
                _RESTORE,
            )


def _compare_decisions(ledger: LedgerRows, decided: Sequence[Decision]) -> Iterator[Mismatch]:
    kept = {(record.report, record.uri, record.sha256, record.at): record for record in decided}
    known = set()
    for row in ledger.decisions:
        key = (row["report"], row["source_uri"], row["sha256"], row["decided_at"])
        known.add(key)
        place = f"ops.decision {row['decision_id']}"
        if key not in kept:
            expected = f"a record of the decision about {row['source_uri']}"
            yield Mismatch(place, "the landing has no record of it: it was added or changed", expected, "none", _RESTORE)
            continue
        yield from _compare(place, row, kept[key], _DECISION)
        if not row["has_document"]:
            yield Mismatch(place, "it names a submission of another document", row["source_uri"], "another document", _RESTORE)
    for key, record in kept.items():
        if key not in known and record.at is not None and record.at < ledger.read_at:
            what = "a decision is not there: its row was deleted or changed"
            yield Mismatch("ops.decision", what, f"the decision of {record.at} about {record.uri}", "no row", _RESTORE)


def _compare(place: str, row: Row, record: Arrival | Decision, columns: dict[str, str]) -> Iterator[Mismatch]:
    for column, field in columns.items():
        wanted, found = getattr(record, field), row[column]
        wanted = str(wanted) if column == "period" and wanted is not None else wanted
        if wanted is not None and wanted != found:
            yield Mismatch(place, f"{column} is not that of the landing's record", str(wanted), str(found), _RESTORE)


def _counts(rows: Sequence[Row]) -> Iterator[Mismatch]:
    for row in rows:
        yield Mismatch(
            row["source_uri"],
            f"its counts in ops.submission are not those of its rows ({row['report']}, {row['state']})",
            f"{row['raw_rows']} rows loaded, {row['held_rows']} quarantined, {row['rows_furniture']} others, as there are",
            f"{row['rows_loaded']} loaded, {row['rows_quarantined']} quarantined, {row['rows_total']} in all, by the ledger",
            _RESTORE,
        )


def _states(rows: Sequence[Row]) -> Iterator[Mismatch]:
    for row in rows:
        place = f"ops.submission {row['submission_id']}"
        if row["state"] is None:
            yield Mismatch(place, "rows in raw name it, and it is not there", "a row of the ledger", "none", _RESTORE)
        else:
            found = f"{row['current_rows_count']} current rows"
            yield Mismatch(place, f"its state is {row['state']}, and rows of it are current", "no current row", found, _RESTORE)


def _released(rows: Sequence[Row]) -> Iterator[Mismatch]:
    for row in rows:
        document = f"{row['report']} {row['unit_code']} {row['period'] or ''} {row['source_uri']} {row['sha256'][:12]}"
        what = f"a document behind release {row['release_number']} is not there as it was: its row was deleted or changed"
        yield Mismatch("ops.submission", what, document, "no such row", _RESTORE)
