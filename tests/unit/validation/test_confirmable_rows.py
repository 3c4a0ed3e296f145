"""Which rejected rows a person may confirm: those against which only rules stand, with all values as they would be stored."""

from __future__ import annotations

from collections.abc import Callable

from loaders.model import ROW, ValidationResult
from tests.support.validation.readings import make_report, make_rule

ValidateRows = Callable[..., ValidationResult]
PERSONS = {"name": "visit_persons", "header": "人次", "type": "integer", "unit": "人次", "required": True}
PHONE = {"name": "phone", "header": "电话", "type": "phone", "pii": "contact"}
AT_MOST_20 = make_rule("expect_column_values_to_be_between", column="visit_persons", min_value=0, max_value=20)


def test_only_rows_of_whole_values_can_be_confirmed(validate_rows: ValidateRows) -> None:
    report = make_report(PERSONS, PHONE, rules=[AT_MOST_20])
    rows = [
        {"visit_code": "A", "visit_persons": "2"},
        {"visit_code": "B", "visit_persons": "30", "phone": "13800138000"},
        {"visit_code": "C", "visit_persons": "many"},
        {"visit_code": "D", "visit_persons": None},
        {"visit_code": "A", "visit_persons": "3"},
        {"visit_code": None, "visit_persons": "40"},
    ]
    result = validate_rows(report, *rows)
    assert result.accepted.column("visit_code").to_pylist() == ["A"]
    assert result.rejected.num_rows == 5 and result.confirmable is not None
    assert result.confirmable.schema == result.accepted.schema
    (row,) = result.confirmable.to_pylist()
    assert (row[ROW], row["visit_code"], row["visit_persons"]) == (5, "B", 30)
    assert row["phone_key"] and "13800138000" not in str(row)


def test_nothing_is_to_be_confirmed_where_every_row_passes(validate_rows: ValidateRows) -> None:
    assert validate_rows(make_report(PERSONS, rules=[AT_MOST_20]), {"visit_persons": "2"}).confirmable is None
