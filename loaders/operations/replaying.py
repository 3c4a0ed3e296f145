"""Documents validated again by today's contract: what would change, and the quarantined rows that pass now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from loaders import pipeline
from loaders.contract import Report, load_contracts
from loaders.settings import Settings
from loaders.warehouse import Difference, NoLongerCurrent, State, Submission, Warehouse


@dataclass(slots=True)
class Replayed:
    """What a replay did, or would do: the difference of each document, how many rows were loaded, and what was left out."""

    differences: list[Difference] = field(default_factory=list)
    rows_loaded: int = 0
    states: dict[str, int] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)


def replay(
    settings: Settings,
    name: str,
    *,
    rule: str | None = None,
    units: Sequence[str] = (),
    periods: Sequence[str] = (),
    is_dry_run: bool = False,
) -> Replayed:
    """Judges the documents of a report that hold rows back again, and loads the rows that pass now; all others stay as they are.

    A refused document that passes now is loaded as a whole. With a rule, only rows that it holds are looked at.
    """
    report, warehouse = load_contracts(settings.expectations).valid_report(name), Warehouse(settings.warehouse_url)
    done = Replayed()
    held = warehouse.documents_with_held_rows(report, rule=rule, units=units, periods=periods)
    again: list[int] = []
    for item in pipeline.validate_again(name, held, settings):
        results = list(item.results)
        difference = warehouse.compare(report, item, results, rule)
        done.differences.append(difference)
        if is_dry_run:
            continue
        if item.submission.state is State.REJECTED:
            requeued = warehouse.requeue(report, item.submission.submission_id) if difference.to_load else None
            again += [] if requeued is None else [requeued.submission_id]
            continue
        try:
            done.rows_loaded += warehouse.replay(report, item, results, rule)
        except NoLongerCurrent as error:
            done.skipped.append(str(error))
    if again:
        done.states = pipeline.load_batch(name, again, settings)
    return done


def differences_of_reload(
    settings: Settings, report: Report, *, units: Sequence[str], periods: Sequence[str], uris: Sequence[str]
) -> list[Difference]:
    """What a load of the same documents once more would change, document by document; writes nothing."""
    warehouse = Warehouse(settings.warehouse_url)
    chosen: list[Submission] = warehouse.documents_to_reload(report, periods=periods, units=units, uris=uris)
    items = pipeline.validate_again(report.report, chosen, settings)
    return [warehouse.compare(report, item, list(item.results)) for item in items]
