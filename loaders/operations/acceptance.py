"""A held document that a person confirms: the decision is kept, in the ledger and in the landing, and the document is loaded."""

from __future__ import annotations

from loaders import pipeline
from loaders.contract import Report, load_contracts
from loaders.landing import write_record
from loaders.settings import Settings
from loaders.warehouse import DecisionRefused, Warehouse


def accept(settings: Settings, submission_id: int, *, why: str, by: str) -> tuple[str, int, dict[str, int]]:
    """Confirm that a held document is right as it is, and load it without the guard.

    Returns:
        Its report, the number of the submission as which it was validated again, and how many ended in each state.

    Raises:
        DecisionRefused: there is no such submission, it is not held, or another document replaced it meanwhile.
    """
    warehouse = Warehouse(settings.warehouse_url)
    report = report_of(settings, warehouse, submission_id)
    # The record is on the disk before the decision is in the ledger for good.
    with warehouse.accepting(report, submission_id, why, by) as (decision, again):
        write_record(settings.landing, decision)
    return report.report, again.submission_id, pipeline.load_batch(report.report, [again.submission_id], settings)


def report_of(settings: Settings, warehouse: Warehouse, submission_id: int) -> Report:
    """The contract of a submission's report.

    Raises:
        DecisionRefused: there is no such submission, or its report has no sound contract.
    """
    name = warehouse.report_of(submission_id)
    report = load_contracts(settings.expectations).reports.get(name)
    if report is None:
        raise DecisionRefused(f"submission {submission_id} is one of {name}, which has no sound contract: huimin contracts check")
    return report
