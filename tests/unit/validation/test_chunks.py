"""A document judged in slices has the verdict that it would have in one piece."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from loaders.divisions import Divisions
from loaders.model import ROW, Issue, Severity, ValidationResult
from loaders.validation import ValidationInput, Validator
from loaders.validation.chunks import validate_chunks
from loaders.validation.row_validator import RowValidator
from loaders.validation.rules.engines.duplicate_keys import key_hashes, rows_with_shared_hash
from tests.support.validation.readings import KEY, make_reading, make_report

NOWHERE = Divisions(())
REPORT = make_report(
    {"name": "day_date", "header": "日", "type": "date", "key": True, "required": True},
    {"name": "client_id", "header": "证号", "type": "resident_id", "pii": "personal", "key": True},
    {"name": "persons", "header": "人次", "type": "integer"},
)
ROW_VALIDATOR = RowValidator(REPORT, NOWHERE, KEY)
ROWS = st.fixed_dictionaries(
    {
        "day_date": st.sampled_from(["2023-05-01", "2023/5/1", "2023-05-02", "坏", None]),
        "client_id": st.sampled_from(["11010519491231002X", "110105491231002", "441302198001010023", "441302", None]),
        "persons": st.sampled_from(["1", "2", "几个"]),
    }
)


def in_chunks(report: Any, rows: list[dict[str, str | None]], size: int, **reading: Any) -> list[ValidationResult]:
    validator = ROW_VALIDATOR if report is REPORT else RowValidator(report, NOWHERE, KEY)
    return list(validate_chunks(report, validator, ValidationInput(make_reading(report, rows, **reading), "441302"), size))


def by_row(tables: Iterator[pa.Table]) -> list[dict[str, Any]]:
    return sorted((row for table in tables for row in table.to_pylist()), key=lambda row: int(row[ROW]))


def in_order(issues: list[Issue]) -> list[Issue]:
    return sorted(issues, key=lambda issue: (issue.row or 0, issue.rule, issue.column or ""))


@settings(max_examples=15, deadline=None)
@given(rows=st.lists(ROWS, min_size=1, max_size=25), size=st.integers(3, 12), damaged=st.integers(0, 30))
def test_slices_together_say_what_the_whole_says(rows: list[dict[str, str | None]], size: int, damaged: int) -> None:
    issue = Issue("error_cell", Severity.ERROR, "坏", "bad", sheet="表1", row=damaged, column="persons")
    whole = Validator(REPORT, NOWHERE, KEY).validate([ValidationInput(make_reading(REPORT, rows, issues=[issue]), "441302")])[0]
    chunks = in_chunks(REPORT, rows, size, issues=[issue])
    assert chunks[-1].refusal == whole.refusal
    if whole.refusal is not None:
        return
    assert by_row(result.accepted for result in chunks) == whole.accepted.to_pylist()
    assert by_row(result.rejected for result in chunks) == whole.rejected.to_pylist()
    assert in_order([told for result in chunks for told in result.issues]) == in_order(list(whole.issues))
    assert all(result.accepted.num_rows + result.rejected.num_rows for result in chunks)


def test_a_key_is_unique_over_all_slices() -> None:
    rows = [{"visit_code": f"V{number % 40}"} for number in range(50)]
    chunks = in_chunks(make_report(), rows, 10)
    assert sum(result.accepted.num_rows for result in chunks) == 40
    assert [issue.row for result in chunks for issue in result.issues] == [*range(44, 54)]


def test_too_many_rejects_over_all_slices_refuse_the_document_and_end_it() -> None:
    report = make_report({"name": "persons", "header": "人次", "type": "integer"}, reject_limit_pct=20)
    rows = [{"persons": "x" if number % 4 == 3 else "1"} for number in range(100)]
    *sound, last = in_chunks(report, rows, 10)
    assert [result.refusal for result in sound] == [None] * len(sound)
    assert last.refusal is not None
    assert last.refusal.rule == "too_many_rejects"
    assert last.refusal.found == "22/100"
    assert len(last.issues) == 22, "the problems of the slices before are told too, for those are taken back"
    assert last.accepted.num_rows == 0


def test_a_document_without_a_key_is_sliced_too() -> None:
    report = make_report({"name": "persons", "header": "人次", "type": "integer"}, replaces="nothing")
    keyless = report.model_copy(update={"columns": report.columns[1:]})
    assert [result.accepted.num_rows for result in in_chunks(keyless, [{"persons": "1"}] * 25, 10)] == [10, 10, 5]


def test_document_faults_come_first(divisions: Divisions) -> None:
    validator = Validator(make_report(), divisions, KEY)
    reading = make_reading(make_report(), [{}], unit_text="惠阳区民政局")
    (result,) = validator.validate_in_chunks(ValidationInput(reading, "441302"))
    assert result.refusal is not None
    assert result.refusal.rule == "unit_conflict"


def test_a_small_document_is_one_slice(divisions: Divisions) -> None:
    reading = make_reading(make_report(), [{}, {}])
    item = ValidationInput(reading, "441302")
    validator = Validator(make_report(), divisions, KEY)
    assert list(validator.validate_in_chunks(item)) == validator.validate([item])


def test_an_abandoned_document_leaves_nothing_behind(divisions: Divisions) -> None:
    rows = [{"visit_code": str(number)} for number in range(30)]
    results = validate_chunks(
        make_report(), RowValidator(make_report(), divisions, KEY), ValidationInput(make_reading(make_report(), rows), ""), 10
    )
    assert next(results).accepted.num_rows == 10
    results.close()
    assert list(results) == []


# Control characters may give two keys one hash, which only costs a second look at their rows.
PRINTED = st.text(st.characters(exclude_categories=["C"]), max_size=5)


@given(st.lists(st.tuples(PRINTED | st.none(), st.integers(0, 3) | st.none()), max_size=20), st.integers(0, 3))
@example(keys=[("甲", None), ("甲", 0), (None, None)], skipped=1)
def test_equal_keys_have_equal_hashes(keys: list[tuple[str | None, int | None]], skipped: int) -> None:
    texts, numbers = (pa.array([key[place] for key in keys], kind) for place, kind in ((0, pa.string()), (1, pa.int64())))
    hashes = key_hashes([texts, numbers])
    assert len(set(hashes.tolist())) == len(set(keys))
    assert len(set(zip(keys, hashes.tolist(), strict=True))) == len(set(keys))
    assert key_hashes([texts.slice(skipped), numbers.slice(skipped)]).tolist() == hashes[skipped:].tolist()


def test_rows_of_one_group_stand_together_in_the_order_of_the_document() -> None:
    hashes = np.array([5, 1, 5, 2, 1, 5], dtype=np.uint64)
    assert rows_with_shared_hash(hashes).tolist() == [1, 4, 0, 2, 5]
    assert rows_with_shared_hash(np.array([], dtype=np.uint64)).tolist() == []
    assert rows_with_shared_hash(np.array([1, 2], dtype=np.uint64)).tolist() == []


@pytest.mark.parametrize("size", [1, 3, 100])
def test_a_record_is_kept_of_every_rejected_row(size: int) -> None:
    rows = [{"day_date": "坏", "client_id": "441302198001010023", "persons": "1"}] * 4
    right = {"day_date": "2023-05-01", "client_id": "11010519491231002X", "persons": "1"}
    chunks = in_chunks(REPORT, [*rows, right], size)
    records = [json.loads(row["record"]) for row in by_row(result.rejected for result in chunks)]
    assert records == [{"day_date": "坏", "client_id": "441302********0023", "persons": "1"}] * 4
