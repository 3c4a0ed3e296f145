"""Injects the planned row faults into the records of a document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from loaders.contract import Report
from loaders.period import Period
from sample_city.faults import fault_kinds
from sample_city.faults.fault import Fault, FaultSite, InjectedFault, PlannedFault, Record
from sample_city.faults.standard_faults import standard_fault, with_new_key


def inject_faults(
    report: Report, records: Sequence[Record], planned: Iterable[PlannedFault], period: Period
) -> tuple[list[Record], list[InjectedFault]]:
    """Injects the faults into a copy of the records: the first at the third record, the next at the sixth, and so on.

    A fault with an index of its own goes there. A short document has several faults at one record. The injection stops
    when no sound record is left. Kinds of the whole document are skipped: the delivery applies them.

    Returns:
        The records with the faulty ones among them, and what was injected.
    """
    result, injected = list(records), list[InjectedFault]()
    row_faults = [fault for fault in planned if not isinstance(fault, str) or fault in fault_kinds.STANDARD_ROW_KINDS]
    for number, fault in enumerate(row_faults, start=1):
        at = _sound_index(result, records, 3 * number - 1)
        if at is None:
            break
        site = FaultSite(report, period, result, at, len(records))
        injected += _inject(result, site, _made(fault, site), number)
    return result, injected


def _sound_index(result: Sequence[Record], records: Sequence[Record], wanted: int) -> int | None:
    """Finds the wanted record or, in a shorter document, the last one that no fault has replaced."""
    index_of = {id(record): index for index, record in enumerate(result)}
    return next((index_of[id(record)] for record in reversed(records[: wanted + 1]) if id(record) in index_of), None)


def _made(fault: PlannedFault, site: FaultSite) -> Fault:
    if isinstance(fault, Fault):
        return fault
    return standard_fault(fault, site) if isinstance(fault, str) else fault(site)


def _inject(result: list[Record], site: FaultSite, fault: Fault, number: int) -> list[InjectedFault]:
    at = site.at if fault.at is None else fault.at
    sound = result[at]
    keeps_key = fault.in_place or fault.kind == fault_kinds.DUPLICATE_ROW
    faulty = {**(sound if keeps_key else with_new_key(site.report, sound, number)), **fault.changes}
    if fault.in_place:
        result[at] = faulty
    else:
        result.insert(at + 1, faulty)
    return [InjectedFault(faulty, fault.kind, column, rule, fault.is_warning) for column, rule in fault.reasons]
