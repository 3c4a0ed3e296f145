"""Faults put into the rows of a document: those that the contract can make, and those of the report's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from loaders.contract import Report
from loaders.period import Period
from sample_city import planting
from sample_city.pages import Mark, Page
from sample_city.standard_faults import Fault, Place, Record, standard_fault, with_fresh_key


def planted_page(report: Report, name: str, records: Sequence[Record], planted: Iterable[str | Fault], period: Period) -> Page:
    """The records as a page with these faults in it: the first at the third record, the next at the sixth, and so on.

    In a short page several stand beside one record; where no sound record is left, nothing can be made wrong. Kinds that speak
    of the document as a whole are left to whoever delivers it.
    """
    page = Page(name, list(records))
    row_faults = [fault for fault in planted if isinstance(fault, Fault) or fault in planting.OF_ROWS]
    for number, wanted in enumerate(row_faults, start=1):
        sound = _sound_record(page, records, 3 * number - 1)
        if sound is None:
            break
        fault = wanted if isinstance(wanted, Fault) else standard_fault(wanted, Place(report, sound, period))
        _plant(page, report, sound, fault, number)
    return page


def _sound_record(page: Page, records: Sequence[Record], at: int) -> Record | None:
    """The record at a place or, in a shorter page, the last whose place no fault has taken."""
    there = {id(record) for record in page.records}
    return next((record for record in reversed(records[: at + 1]) if id(record) in there), None)


def _plant(page: Page, report: Report, sound: Record, fault: Fault, number: int) -> None:
    at = next(at for at, record in enumerate(page.records) if record is sound)
    is_copy = fault.in_place or fault.kind == planting.DUPLICATE_ROW
    faulty = {**(sound if is_copy else with_fresh_key(report, sound, number)), **fault.changes}
    if fault.in_place:
        page.records[at] = faulty
    else:
        page.records.insert(at + 1, faulty)
    page.marks.extend(Mark(faulty, fault.kind, column, rule, fault.is_warning) for column, rule in fault.reasons)
