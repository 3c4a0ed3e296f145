"""Validates the documents of a batch as the load asks for them, so that no batch outgrows the memory.

Small documents are validated together, as many as make up one run of the rule engine; each large one in slices. Only the first
run is made ahead of the load; each later one when the load comes to its first document.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from loaders.table import Reading, Verdict
from loaders.validation import Judge, Judgeable
from loaders.warehouse import LoadItem, Submission

LARGE_DOCUMENT_ROWS = 50_000


def items_to_load(judge: Judge, submissions: Sequence[Submission], readings: Sequence[Reading]) -> list[LoadItem]:
    """The documents of a batch with their verdicts to come; `submissions` are in the order in which they will be loaded."""
    pairs = list(zip(submissions, readings, strict=True))
    small = [pair for pair in pairs if pair[1].refusal is None and pair[1].rows.num_rows <= LARGE_DOCUMENT_ROWS]
    verdicts = _made_ahead(judge.judge_in_turn([_judgeable(*pair) for pair in small]))
    turns = _Turns(zip((submission.submission_id for submission, _ in small), verdicts, strict=True))
    return [LoadItem(submission, reading, _verdicts(judge, turns, submission, reading)) for submission, reading in pairs]


def _verdicts(judge: Judge, turns: _Turns, submission: Submission, reading: Reading) -> Iterator[Verdict] | _Turn | tuple[()]:
    if reading.refusal is not None:
        return ()
    if reading.rows.num_rows > LARGE_DOCUMENT_ROWS:
        return judge.judge_in_slices(_judgeable(submission, reading))
    return _Turn(turns, submission.submission_id)


def _judgeable(submission: Submission, reading: Reading) -> Judgeable:
    return Judgeable(reading=reading, unit_code=submission.unit_code, period=submission.period)


def _made_ahead(verdicts: Iterator[Verdict]) -> Iterator[Verdict]:
    """The same verdicts, the first run of which is made now: the load then holds its lock for its own work only."""
    first = next(verdicts, None)
    return verdicts if first is None else chain([first], verdicts)


class _Turns:
    """Verdicts in the order of their documents, each asked for once and in that order; those not asked for are passed over."""

    def __init__(self, verdicts: Iterator[tuple[int, Verdict]]) -> None:
        self._verdicts = verdicts

    def take(self, submission_id: int) -> Verdict:
        """The verdict on a document.

        Raises:
            LookupError: its turn has passed.
        """
        for number, verdict in self._verdicts:
            if number == submission_id:
                return verdict
        raise LookupError(f"the turn of submission {submission_id} has passed")


@dataclass(frozen=True, slots=True)
class _Turn:
    """The verdict on one small document, made when it is asked for."""

    turns: _Turns
    submission_id: int

    def __iter__(self) -> Iterator[Verdict]:
        return iter((self.turns.take(self.submission_id),))
