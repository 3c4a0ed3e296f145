"""Validates the documents of a batch as the load asks for them, so that no batch outgrows the memory.

Small documents are validated together, as many as make up one run of the rule engine; each large one in slices. Only the first
run is made ahead of the load; each later one when the load comes to its first document.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from loaders.identifiers.personal_keys import PersonalKeys
from loaders.model import Reading, ValidationResult
from loaders.validation import ValidationInput, Validator
from loaders.warehouse import LoadItem, Submission

LARGE_DOCUMENT_ROWS = 50_000


def items_to_load(
    validator: Validator, submissions: Sequence[Submission], readings: Sequence[Reading], keys: PersonalKeys | None = None
) -> list[LoadItem]:
    """The documents of a batch and their validation results; `submissions` are in the order in which they will be loaded.

    `keys` are those of the process: without them nothing is written into a warehouse whose key was rotated.
    """
    pairs = list(zip(submissions, readings, strict=True))
    small = [pair for pair in pairs if pair[1].refusal is None and pair[1].rows.num_rows <= LARGE_DOCUMENT_ROWS]
    results = _with_first_computed(validator.validate_lazily([_validation_input(*pair) for pair in small]))
    results_in_order = _ResultsInOrder(zip((submission.submission_id for submission, _ in small), results, strict=True))
    return [
        LoadItem(submission, reading, _results(validator, results_in_order, submission, reading), keys)
        for submission, reading in pairs
    ]


def _results(
    validator: Validator, results_in_order: _ResultsInOrder, submission: Submission, reading: Reading
) -> Iterator[ValidationResult] | _PendingResult | tuple[()]:
    if reading.refusal is not None:
        return ()
    if reading.rows.num_rows > LARGE_DOCUMENT_ROWS:
        return validator.validate_in_chunks(_validation_input(submission, reading))
    return _PendingResult(results_in_order, submission.submission_id)


def _validation_input(submission: Submission, reading: Reading) -> ValidationInput:
    return ValidationInput(reading=reading, unit_code=submission.unit_code, period=submission.period)


def _with_first_computed(results: Iterator[ValidationResult]) -> Iterator[ValidationResult]:
    """The same validation results, the first run of which is made now: the load then holds its lock for its own work only."""
    first = next(results, None)
    return results if first is None else chain([first], results)


class _ResultsInOrder:
    """Validation results, each asked for once and in the order of the documents; those not asked for are skipped."""

    def __init__(self, results: Iterator[tuple[int, ValidationResult]]) -> None:
        self._results = results

    def take(self, submission_id: int) -> ValidationResult:
        """The validation result of a document.

        Raises:
            LookupError: its turn has passed.
        """
        for number, result in self._results:
            if number == submission_id:
                return result
        raise LookupError(f"the turn of submission {submission_id} has passed")


@dataclass(frozen=True, slots=True)
class _PendingResult:
    """The validation result of one small document, made when it is asked for."""

    results_in_order: _ResultsInOrder
    submission_id: int

    def __iter__(self) -> Iterator[ValidationResult]:
        return iter((self.results_in_order.take(self.submission_id),))
