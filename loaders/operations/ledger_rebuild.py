"""The ledger, rebuilt from the landing alone: a lost warehouse is loaded again without asking any source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from loaders import pipeline
from loaders.arrival import Arrival, ContainerArrival, Decision, Declaration, IssueDecision, ReleaseDecision
from loaders.contract import Report, load_contracts
from loaders.landing import CorruptRecord, landed_path, read_records, with_present_name
from loaders.model import LandedFile, RemoteDocument
from loaders.schedule import ReportingCalendar
from loaders.settings import Settings
from loaders.warehouse import Warehouse, WarehouseError

# A load may put documents into the ledger again, once for each that it changed; this often is enough for any history.
_MOST_ROUNDS = 100


class RebuildRefused(WarehouseError):
    """The ledger may not be rebuilt here; the message says why and what to do."""


@dataclass
class Rebuilt:
    """What a rebuild brought: counts for each report, and what it could not use."""

    arrivals: int = 0
    decisions: int = 0
    states: dict[str, dict[str, int]] = field(default_factory=dict)
    marked_as_notified: int = 0
    skipped: list[str] = field(default_factory=list)


def rebuild_ledger(
    settings: Settings, *, into_filled: bool = False, tell_again: bool = False, echo: Callable[[str], None] = lambda _: None
) -> Rebuilt:
    """Read every record of the landing, write the ledger from them, and load all documents by the contracts as they are now.

    A ledger that holds documents is refused, unless it is to be filled up (`into_filled`): that adds what it lacks, as after a
    rebuild that was interrupted. Problems count as told, unless they are to be told again.

    Raises:
        RebuildRefused: the ledger is not empty, or there is no record.
    """
    warehouse = Warehouse(settings.warehouse_url)
    if not into_filled and not warehouse.is_empty():
        raise RebuildRefused(
            "the ledger of this warehouse is not empty: rebuild into a new one, or add --into-filled to add only what it lacks"
        )
    rebuilt = Rebuilt()
    for decision in _release_decisions(settings):
        rebuilt.decisions += warehouse.restore_release_decision(decision)
    for report, arrivals, decided in _by_report(settings, rebuilt):
        echo(f"{report.report}: {len(arrivals)} arrivals, {len(decided)} decisions")
        _restore(warehouse, settings, report, arrivals, decided, rebuilt)
        rebuilt.states[report.report] = _load_all(warehouse, settings, report)
        if not tell_again:
            rebuilt.marked_as_notified += warehouse.set_all_notified(report)
    return rebuilt


def _release_decisions(settings: Settings) -> Iterator[ReleaseDecision]:
    yield from (record for _, record in read_records(settings.landing) if isinstance(record, ReleaseDecision))


def _by_report(
    settings: Settings, rebuilt: Rebuilt
) -> Iterator[tuple[Report, list[Arrival | ContainerArrival], list[Decision | Declaration | IssueDecision]]]:
    arrivals: dict[str, list[Arrival | ContainerArrival]] = {}
    decided: dict[str, list[Decision | Declaration | IssueDecision]] = {}
    contracts = load_contracts(settings.expectations)
    for name, found in read_records(settings.landing):
        record = with_present_name(found, contracts.present_names)
        match record:
            case CorruptRecord():
                rebuilt.skipped.append(f"{name} cannot be read: {record}")
            case Arrival() | ContainerArrival():
                arrivals.setdefault(record.report, []).append(record)
            case Decision() | Declaration() | IssueDecision():
                decided.setdefault(record.report, []).append(record)
    if not arrivals:
        raise RebuildRefused(
            f"there is no record of an arrival below {settings.landing}: are HUIMIN_HOME and HUIMIN_LANDING the right ones?"
        )
    reports = contracts.reports
    for name in sorted(arrivals.keys() - reports.keys()):
        rebuilt.skipped.append(f"{len(arrivals[name])} documents of {name} are left out: there is no sound contract of that name")
    for name in sorted((arrivals.keys() | decided.keys()) & reports.keys()):
        yield reports[name], sorted(arrivals.get(name, []), key=lambda one: one.arrived_at), decided.get(name, [])


def _restore(
    warehouse: Warehouse,
    settings: Settings,
    report: Report,
    arrivals: Sequence[Arrival | ContainerArrival],
    decided: Sequence[Decision | Declaration | IssueDecision],
    rebuilt: Rebuilt,
) -> None:
    """Write arrivals in their order, then decisions; the watermark moves to where the last pull would have moved it."""
    warehouse.prepare(report, ReportingCalendar.load(settings))
    cursor = next((arrival.cursor_to for arrival in reversed(arrivals) if arrival.cursor_to is not None), None)
    pull_id = warehouse.open_pull(report, warehouse.watermark(report), cursor)
    for arrival in arrivals:
        if isinstance(arrival, ContainerArrival):
            rebuilt.arrivals += warehouse.restore_container(pull_id, arrival, report)
            continue
        remote_document = RemoteDocument(
            report.report, arrival.uri, arrival.modified_at, arrival.size, arrival.unit, arrival.period
        )
        landed = LandedFile(arrival.sha256, landed_path(settings.landing, arrival.sha256), arrival.byte_size)
        with warehouse.registering(pull_id, remote_document, landed, report, arrival) as submission:
            rebuilt.arrivals += submission is not None
    for decision in decided:
        if isinstance(decision, Declaration):
            rebuilt.decisions += warehouse.restore_declaration(decision)
        elif isinstance(decision, IssueDecision):
            rebuilt.decisions += warehouse.restore_issue_decision(decision)
        else:
            rebuilt.decisions += warehouse.restore_decision(report, decision)
    warehouse.close_pull(report, pull_id)


def _load_all(warehouse: Warehouse, settings: Settings, report: Report) -> dict[str, int]:
    """Load what waits until nothing waits any more.

    Returns:
        How many validations ended in each state.
    """
    states: dict[str, int] = {}
    for _ in range(_MOST_ROUNDS):
        waiting = [submission.submission_id for submission in warehouse.pending(report)]
        if not waiting:
            break
        for start in range(0, len(waiting), settings.batch_size):
            _add(states, pipeline.load_batch(report.report, waiting[start : start + settings.batch_size], settings))
    return states


def _add(total: dict[str, int], more: Mapping[str, int]) -> None:
    for state, count in more.items():
        total[state] = total.get(state, 0) + count
