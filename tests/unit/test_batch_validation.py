"""The documents of a batch: each has the verdict that it would have alone, made no sooner than it is asked for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from loaders.divisions import Divisions
from loaders.model import Issue, Reading, Severity, ValidationResult
from loaders.stages import batch_validation
from loaders.stages.batch_validation import items_to_load
from loaders.validation import Validator, validator
from loaders.warehouse import Submission
from tests.support.validation.readings import KEY, make_reading, make_report

REPORT = make_report({"name": "persons", "header": "人次", "type": "integer"})
REFUSAL = Issue("unreadable_document", Severity.DOCUMENT, "坏", "bad")


def submissions(count: int) -> list[Submission]:
    return [cast(Submission, SimpleNamespace(submission_id=number, unit_code="441302", period=None)) for number in range(count)]


def readings(*texts: tuple[str, ...] | None) -> list[Reading]:
    return [
        Reading(make_reading(REPORT, []).rows, 1, refusal=REFUSAL)
        if rows is None
        else make_reading(REPORT, [{"persons": text} for text in rows])
        for rows in texts
    ]


def counts(results: list[ValidationResult]) -> tuple[int, int]:
    return sum(result.accepted.num_rows for result in results), sum(result.rejected.num_rows for result in results)


@pytest.mark.parametrize("rows_of_a_run", [1, 2, 3, 100])
@pytest.mark.parametrize("large", [2, 100])
def test_every_document_has_its_own_result_however_the_batch_is_divided(
    monkeypatch: pytest.MonkeyPatch, rows_of_a_run: int, large: int
) -> None:
    monkeypatch.setattr(validator, "_ROWS_OF_A_RUN", rows_of_a_run)
    monkeypatch.setattr(validator, "_ROWS_OF_A_CHUNK", 2)
    monkeypatch.setattr(batch_validation, "LARGE_DOCUMENT_ROWS", large)
    read = readings(("1", "x"), None, ("2",), (), ("1", "2", "y", "3"), ("z",))
    items = items_to_load(Validator(REPORT, Divisions(()), KEY, prefer_pandas=True), submissions(6), read)
    assert [counts(list(item.results)) for item in items] == [(1, 1), (0, 0), (1, 0), (0, 0), (3, 1), (0, 0)]


def test_a_document_that_nobody_asks_for_does_not_shift_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validator, "_ROWS_OF_A_RUN", 2)
    items = items_to_load(
        Validator(REPORT, Divisions(()), KEY, prefer_pandas=True), submissions(4), readings(("1",), ("x",), ("2",), ("y", "3"))
    )
    assert counts(list(items[0].results)) == (1, 0)
    assert counts(list(items[3].results)) == (1, 1)
    with pytest.raises(LookupError, match="passed"):
        list(items[1].results)


def test_one_run_is_made_ahead_and_the_others_when_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validator, "_ROWS_OF_A_RUN", 2)
    runs: list[int] = []
    made = Validator(REPORT, Divisions(()), KEY, prefer_pandas=True)
    rows = made.preload().result()
    validate_rows = rows.validate

    def counted(stack: Any, **options: Any) -> Any:
        runs.append(len(stack))
        return validate_rows(stack, **options)

    monkeypatch.setattr(rows, "validate", counted)
    items = items_to_load(made, submissions(4), readings(("1", "2"), ("3",), ("4",), ("5",)))
    assert runs == [2]
    list(items[0].results)
    assert runs == [2]
    list(items[1].results)
    assert runs == [2, 2]
