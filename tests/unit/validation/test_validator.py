"""A document's verdict: typed rows, rejected rows as they were read, and every reason in words that a clerk understands."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from loaders.divisions import Divisions
from loaders.model import ROW, SHEET, TEXTS, FoundTable, Issue, Reading, Severity, ValidationResult
from loaders.period import Period
from loaders.raw_schema import raw_schema
from loaders.validation import RuleError, ValidationInput, Validator
from tests.support.validation.readings import KEY, make_reading, make_report, make_rule

ValidateRows = Callable[..., ValidationResult]
UNIQUE = "expect_compound_columns_to_be_unique"
PERSONS = {"name": "visit_persons", "header": "人次", "type": "integer", "unit": "人次"}
DAY = {"name": "visited_date", "header": "日期", "type": "date"}
IN_PERIOD = make_rule("expect_column_values_to_be_in_document_period", column="visited_date")


def reported(result: ValidationResult) -> list[tuple[int | None, str | None, str]]:
    return [(issue.row, issue.column, issue.rule) for issue in result.issues]


def rejected_rows(result: ValidationResult) -> list[int]:
    return result.rejected.column(ROW).to_pylist()


def test_accepted_rows_have_the_types_of_the_raw_table(validate_rows: ValidateRows) -> None:
    report = make_report(
        PERSONS,
        DAY,
        {"name": "spent_yuan", "header": "支出", "type": "decimal", "shape": [12, 2], "unit": "元"},
        {"name": "is_first", "header": "首次", "type": "boolean"},
        {"name": "mode", "header": "方式", "type": "choice", "choices": ["入户"], "aliases": {"上门": "入户"}},
        {"name": "town_code", "header": "镇代码", "type": "division_code", "known_in": "divisions.town"},
        {"name": "phone", "header": "电话", "type": "phone", "pii": "contact"},
    )
    row = {
        "visit_persons": "３人次",
        "visited_date": "2023年5月2日",
        "spent_yuan": "1.5万",
        "is_first": "√",
        "mode": "上门",
        "town_code": "441302112000",
        "phone": "138 0013 8000",
    }
    result = validate_rows(report, row)
    assert result.accepted.schema == pa.schema(
        [*raw_schema(report), (SHEET, pa.string()), (ROW, pa.int32()), (TEXTS, pa.string())]
    )
    (accepted,) = result.accepted.to_pylist()
    assert json.loads(accepted.pop(TEXTS)) == {name: text for name, text in row.items() if name != "phone"}
    assert len(accepted.pop("phone_key")) == 64
    assert accepted == {
        "visit_code": "V0",
        "visit_persons": 3,
        "visited_date": dt.date(2023, 5, 2),
        "spent_yuan": Decimal("15000.00"),
        "is_first": True,
        "mode": "入户",
        "town_code": "441302112",
        "phone_masked": "138****8000",
        SHEET: "表1",
        ROW: 4,
    }
    assert result.issues == ()


def test_a_rejected_row_keeps_all_its_reasons_and_its_texts(validate_rows: ValidateRows) -> None:
    report = make_report(
        PERSONS | {"required": True},
        DAY | {"required": True},
        {"name": "town_name", "header": "镇", "known_in": "divisions.town_name"},
        rules=[make_rule("expect_column_values_to_be_between", column="visit_persons", min_value=1, max_value=20), IN_PERIOD],
    )
    result = validate_rows(
        report,
        {"visit_persons": "3", "visited_date": "2023-05-01", "town_name": "芦洲镇"},
        {"visit_persons": "300", "visited_date": "2023-06-01", "town_name": "龙湖镇"},
        {"visit_persons": "几个", "visited_date": "—", "town_name": None},
    )
    assert result.accepted.num_rows == 1
    assert rejected_rows(result) == [5, 6]
    assert set(reported(result)) == {
        (5, "visit_persons", "expect_column_values_to_be_between"),
        (5, "visited_date", "expect_column_values_to_be_in_document_period"),
        (5, "town_name", "expect_column_values_to_be_known_code"),
        (6, "visit_persons", "type"),
        (6, "visited_date", "expect_column_values_to_not_be_null"),
    }
    record = json.loads(result.rejected.column("record")[1].as_py())
    assert record == {"visit_code": "V2", "visit_persons": "几个", "visited_date": "—", "town_name": None}


def test_an_issue_says_where_what_was_found_what_was_expected_and_what_to_do(validate_rows: ValidateRows) -> None:
    report = make_report(PERSONS, DAY, rules=[IN_PERIOD])
    issues = validate_rows(report, {"visit_persons": "几个", "visited_date": "2023-06-01"}).issues
    assert [(issue.sheet, issue.cell, issue.found, issue.expected) for issue in issues] == [
        ("表1", "B4", "几个", "整数（人次）"),
        ("表1", "C4", "2023-06-01", "应当如此（2023-05）"),
    ]
    assert [issue.message_zh for issue in issues] == [
        "“人次”应为整数（人次），填的是“几个”。请改正后重新报送。",
        "应当如此（2023-05）；“日期”填的是“2023-06-01”。请改正后重新报送。",
    ]
    assert [issue.message_en for issue in issues] == [
        '"人次": expected a whole number of 人次, found "几个"; correct it and send the report again',
        'expected: it is so (2023-05); found: "日期" is "2023-06-01"; correct it and send the report again',
    ]


def test_a_rule_over_several_columns_shows_them_all(validate_rows: ValidateRows) -> None:
    total = {"name": "total_count", "header": "合计", "type": "integer"}
    parts = [{"name": f"{name}_count", "header": header, "type": "integer"} for name, header in (("men", "男"), ("women", "女"))]
    rule = make_rule("expect_column_to_equal_sum", column="total_count", addends=["men_count", "women_count"], severity="warning")
    result = validate_rows(
        make_report(total, *parts, rules=[rule]),
        {"total_count": "10", "men_count": "6", "women_count": "3"},
        {"total_count": "10", "men_count": "6", "women_count": "4"},
        {"total_count": "10", "men_count": "6", "women_count": None},
    )
    assert result.accepted.num_rows == 3
    (issue,) = result.issues
    assert (issue.severity, issue.column, issue.found) == (Severity.WARNING, "total_count", "合计=10；男=6；女=3")
    assert issue.message_zh == "应当如此；“合计”填的是“10”，“男”填的是“6”，“女”填的是“3”。本行已接收，请核对；如有误请更正。"


def test_a_printed_unit_scales_the_rows_of_its_table_only(validate_rows: ValidateRows, divisions: Divisions) -> None:
    report = make_report({"name": "spent_yuan", "header": "支出", "type": "decimal", "shape": [12, 2], "unit": "元"})
    one = make_reading(
        report, [{"spent_yuan": "2.5"}, {"visit_code": "V9", "spent_yuan": "x"}], scales={"spent_yuan": Decimal(10_000)}
    )
    other = make_reading(report, [{"visit_code": "W", "spent_yuan": "2.5"}], sheet="表2")
    both = Reading(pa.concat_tables([one.rows, other.rows]), 9, tables=(*one.tables, *other.tables))
    result = Validator(report, divisions, KEY).validate([ValidationInput(both, "441302")])[0]
    assert result.accepted.column("spent_yuan").to_pylist() == [Decimal("25000.00"), Decimal("2.50")]
    assert reported(result) == [(5, "spent_yuan", "type")]


# Keys


def test_of_rows_with_one_key_the_first_stays(validate_rows: ValidateRows) -> None:
    result = validate_rows(make_report(), {"visit_code": "A"}, {"visit_code": "B"}, {"visit_code": "A"}, {"visit_code": "A"})
    assert result.accepted.column("visit_code").to_pylist() == ["A", "B"]
    assert reported(result) == [(6, "visit_code", UNIQUE), (7, "visit_code", UNIQUE)]
    assert "与第 4 行重复" in result.issues[1].message_zh
    assert "row 4" in result.issues[1].message_en


def test_a_row_that_is_wrong_gives_way_to_a_right_one_with_the_same_key(validate_rows: ValidateRows) -> None:
    result = validate_rows(
        make_report(PERSONS),
        {"visit_code": "A", "visit_persons": "几个"},
        {"visit_code": "A", "visit_persons": "3"},
        {"visit_code": "A", "visit_persons": "4"},
    )
    assert result.accepted.column("visit_persons").to_pylist() == [3]
    assert reported(result) == [(4, "visit_persons", "type"), (4, "visit_code", UNIQUE), (6, "visit_code", UNIQUE)]
    assert all("第 5 行" in issue.message_zh for issue in result.issues if issue.rule == UNIQUE)


def test_when_every_row_of_a_key_is_wrong_the_first_is_not_reported_as_a_repetition(validate_rows: ValidateRows) -> None:
    result = validate_rows(make_report(PERSONS), *[{"visit_code": "A", "visit_persons": "几个"}] * 2)
    assert reported(result) == [(4, "visit_persons", "type"), (5, "visit_persons", "type"), (5, "visit_code", UNIQUE)]


def test_keys_are_compared_by_their_values_and_blank_parts_are_equal(validate_rows: ValidateRows) -> None:
    report = make_report(
        {"name": "day_date", "header": "日", "type": "date", "key": True}, {"name": "place_code", "header": "地", "key": True}
    )
    result = validate_rows(
        report,
        {"day_date": "2023-05-01", "place_code": None},
        {"day_date": "2023/5/1", "place_code": "—"},
        {"day_date": "2023-05-01", "place_code": "甲"},
    )
    assert rejected_rows(result) == [5]
    assert result.issues[0].found == "2023/5/1、"


def test_a_row_without_a_whole_key_repeats_nothing(validate_rows: ValidateRows) -> None:
    result = validate_rows(
        make_report(), {"visit_code": None}, {"visit_code": "—"}, {"visit_code": "#REF!"}, {"visit_code": "#REF!"}
    )
    assert reported(result) == [
        (4, "visit_code", "expect_column_values_to_not_be_null"),
        (5, "visit_code", "expect_column_values_to_not_be_null"),
        (6, "visit_code", "error_cell"),
        (7, "visit_code", "error_cell"),
    ]


def test_the_period_column_of_a_key_is_not_the_one_that_is_pointed_at(validate_rows: ValidateRows) -> None:
    report = make_report(
        {"name": "period_month", "header": "月份", "type": "month", "required": True, "key": True},
        {"name": "fund_code", "header": "编号", "required": True, "key": True},
    )
    result = validate_rows(report, *[{"period_month": "2023-05", "fund_code": "F1"}] * 2)
    assert reported(result) == [(5, "fund_code", UNIQUE)]


def test_documents_of_a_batch_do_not_share_keys_periods_or_results(divisions: Divisions) -> None:
    report = make_report(DAY, rules=[IN_PERIOD])
    items = [
        ValidationInput(
            make_reading(report, [{"visit_code": "A", "visited_date": f"2023-{month}-05"}] * copies),
            "441302",
            Period.parse("2023-05"),
        )
        for month, copies in (("05", 1), ("06", 1), ("05", 2))
    ]
    results = Validator(report, divisions, KEY).validate(items)
    assert [(v.accepted.num_rows, rejected_rows(v)) for v in results] == [(1, []), (0, []), (1, [5])]
    assert [v.refusal.rule if v.refusal else None for v in results] == [None, "all_rows_rejected", None]
    assert [[issue.rule for issue in v.issues] for v in results] == [
        [],
        ["expect_column_values_to_be_in_document_period"],
        [UNIQUE],
    ]


def test_no_documents_give_no_results(divisions: Divisions) -> None:
    assert Validator(make_report(), divisions, KEY).validate([]) == []


# What the reader said of single cells


def reader_issue(rule: str, row: int, column: str, severity: Severity = Severity.ERROR) -> Issue:
    return Issue(rule, severity, "坏", "bad", sheet="表1", row=row, column=column)


def test_what_the_reader_found_rejects_the_row_and_is_not_reported_again(validate_rows: ValidateRows) -> None:
    issue = reader_issue("error_cell", 4, "visit_persons")
    between = make_rule("expect_column_values_to_be_between", column="visit_persons", min_value=1)
    report = make_report(PERSONS | {"required": True}, rules=[between])
    for text in ("#REF!", None, "0"):
        result = validate_rows(report, {"visit_persons": text}, {"visit_persons": "2"}, issues=[issue])
        assert rejected_rows(result) == [4]
        assert result.issues == (issue,)


def test_warnings_of_the_reader_and_those_of_other_rows_reject_nothing(validate_rows: ValidateRows) -> None:
    report = make_report(PERSONS)
    for issue in (
        reader_issue("control_total", 5, "visit_persons", Severity.WARNING),
        reader_issue("error_cell", 99, "visit_persons"),
    ):
        result = validate_rows(report, {"visit_persons": "1"}, {"visit_persons": "2"}, issues=[issue])
        assert result.accepted.num_rows == 2
        assert result.issues == ()


def test_a_column_that_a_document_does_not_have_is_not_asked_for(validate_rows: ValidateRows) -> None:
    report = make_report(PERSONS | {"required": True, "may_be_absent": True})
    assert validate_rows(report, {}, absent=["visit_persons"]).accepted.num_rows == 1
    assert validate_rows(report, {}).accepted.num_rows == 0


# Whole documents


def test_too_many_rejects_refuse_the_document(validate_rows: ValidateRows) -> None:
    report = make_report(PERSONS, DAY, reject_limit_pct=20)
    sound = [{"visit_persons": "1"}] * 8
    passing = validate_rows(report, *sound, {"visit_persons": "x"}, {"visited_date": "x"})
    assert (passing.refusal, passing.accepted.num_rows) == (None, 8)
    refused = validate_rows(report, *sound[1:], {"visit_persons": "x"}, {"visited_date": "x"}, {"visit_persons": "x"})
    assert refused.refusal is not None
    assert (refused.refusal.rule, refused.refusal.severity) == ("too_many_rejects", Severity.DOCUMENT)
    assert refused.refusal.message_zh.startswith(
        "10 行中有 3 行（30%）不合格，超过 20%，整份文件未入库。最常见的问题：“人次”2处、“日期”1处。"
    )
    assert refused.accepted.num_rows == refused.rejected.num_rows == 0
    assert len(refused.issues) == 3


@pytest.mark.parametrize("rows", [1, 3])
def test_a_document_without_a_right_row_is_refused_whatever_the_limit(validate_rows: ValidateRows, rows: int) -> None:
    refused = validate_rows(make_report(PERSONS, reject_limit_pct=100), *[{"visit_persons": "x"}] * rows)
    assert refused.refusal is not None
    assert (refused.refusal.rule, refused.refusal.found, len(refused.issues)) == ("all_rows_rejected", f"{rows}/{rows}", rows)
    assert refused.refusal.message_zh.startswith(f"全部 {rows} 行均不合格，整份文件未入库。最常见的问题：“人次”{rows}处。")


def test_a_document_with_warnings_in_every_row_is_taken(validate_rows: ValidateRows) -> None:
    rule = make_rule("expect_column_values_to_be_between", column="visit_persons", max_value=1, severity="warning")
    result = validate_rows(make_report(PERSONS, rules=[rule]), {"visit_persons": "2"})
    assert (result.refusal, result.accepted.num_rows, len(result.issues)) == (None, 1, 1)


def test_a_refused_document_tells_the_first_rows_only(validate_rows: ValidateRows) -> None:
    refused = validate_rows(make_report(PERSONS, reject_limit_pct=20), *[{"visit_persons": "x"}] * 500)
    assert refused.refusal is not None
    assert len(refused.issues) == 200


def test_an_empty_document_is_refused_unless_it_may_be_empty(validate_rows: ValidateRows) -> None:
    refused = validate_rows(make_report())
    assert refused.refusal is not None
    assert refused.refusal.rule == "empty_batch"
    accepted = validate_rows(make_report(empty_batch="accept"))
    assert (accepted.refusal, accepted.accepted.num_rows, accepted.issues) == (None, 0, ())
    assert accepted.accepted.schema.names == ["visit_code", SHEET, ROW, TEXTS]


@pytest.mark.parametrize(
    ("label", "unit", "named", "rule"),
    [
        ("惠阳区民政局", "441302", None, "unit_conflict"),
        ("惠城区民政局", "441302", None, None),
        ("惠州市民政局", "441302", None, None),
        ("芦洲镇双百社工站", "441302", None, None),
        (None, "441302", "2023-06", "period_conflict"),
        (None, "441302", "2023", None),
        (None, "441302", "2023Q2", None),
        (None, "441302", "2023Q3", "period_conflict"),
    ],
)
def test_a_document_that_contradicts_its_name_is_refused(
    validate_rows: ValidateRows, label: str | None, unit: str, named: str | None, rule: str | None
) -> None:
    stated = Period.parse(named) if named else None
    refusal = validate_rows(make_report(), {}, unit=unit, unit_text=label, stated=stated).refusal
    assert (refusal and refusal.rule) == rule
    if refusal is not None:
        assert refusal.found is not None
        assert refusal.expected is not None
        assert all(
            side in refusal.message_zh and side in refusal.message_en for side in (refusal.found[:6], refusal.expected[:6])
        )


def test_without_a_unit_in_the_name_the_document_alone_says_whose_it_is(validate_rows: ValidateRows) -> None:
    source = {"kind": "file_drop", "connection": "drop", "pattern": r"(?P<period>\d{4}-\d{2})\.xlsx"}
    assert validate_rows(make_report(source=source), {}, unit="441302", unit_text="惠阳区民政局").refusal is None


def test_rows_are_validated_by_the_period_that_the_document_says_when_its_name_says_none(validate_rows: ValidateRows) -> None:
    report = make_report(DAY, rules=[IN_PERIOD])
    row = {"visited_date": "2023-06-01"}
    rows = [{"visited_date": None}, row]
    assert rejected_rows(validate_rows(report, *rows, period=None, stated=Period.parse("2023-05"))) == [5]
    assert rejected_rows(validate_rows(report, *rows, period=None, stated=Period.parse("2023-06"))) == []
    assert rejected_rows(validate_rows(report, *rows, period=None)) == []
    assert rejected_rows(validate_rows(report, *rows, period="2999-12")) == [5]


def test_a_refused_reading_is_a_refused_result(divisions: Divisions) -> None:
    report = make_report()
    refusal = Issue("unreadable_document", Severity.DOCUMENT, "打不开", "cannot be opened")
    broken = ValidationInput(Reading(make_reading(report, []).rows, 0, refusal=refusal), "441302")
    sound = ValidationInput(make_reading(report, [{}]), "441302")
    results = Validator(report, divisions, KEY).validate([broken, sound])
    assert [result.refusal for result in results] == [refusal, None]
    assert results[1].accepted.num_rows == 1


def test_records_have_no_cells(divisions: Divisions) -> None:
    report = make_report(PERSONS)
    reading = make_reading(report, [{"visit_persons": "x"}])
    for tables in ((), (FoundTable("表1", (0, 0), 4, 4, {}),)):
        item = ValidationInput(Reading(reading.rows, 1, tables=tables), "441302")
        (issue,) = Validator(report, divisions, KEY).validate([item])[0].issues
        assert (issue.row, issue.cell) == (4, None)


def test_every_kind_of_column_may_be_wholly_blank(validate_rows: ValidateRows) -> None:
    kinds: list[dict[str, Any]] = [
        {"name": f"a{place}", "header": kind, "type": kind, **more}
        for place, (kind, more) in enumerate(
            [
                *((kind, {}) for kind in ("text", "integer", "decimal", "date", "month", "quarter", "year", "boolean", "uscc")),
                *((kind, {"pii": "personal"}) for kind in ("resident_id", "phone", "bank_account")),
                ("division_code", {"known_in": "divisions.town"}),
                ("choice", {"choices": ["甲"]}),
            ]
        )
    ]
    rules = [make_rule("expect_column_values_to_be_in_document_period", column=f"a{place}") for place in (3, 4, 5, 6)]
    result = validate_rows(make_report(*kinds, rules=rules), {}, {})
    assert (result.accepted.num_rows, result.issues) == (2, ())


def test_a_validator_loads_before_there_is_anything_to_validate(divisions: Divisions) -> None:
    report = make_report(PERSONS)
    validator = Validator(report, divisions, KEY)
    assert validator.preload() is validator.preload()
    assert validator.validate([ValidationInput(make_reading(report, [{}]), "441302")])[0].accepted.num_rows == 1


def test_a_contract_whose_rules_cannot_be_run_validates_nothing(divisions: Divisions) -> None:
    report = make_report(PERSONS, rules=[make_rule("expect_nothing_at_all", column="visit_persons")])
    validator = Validator(report, divisions, KEY)
    item = ValidationInput(make_reading(report, [{}]), "441302")
    validator.preload()
    for judged in (lambda: validator.validate([item]), lambda: list(validator.validate_in_chunks(item))):
        with pytest.raises(RuleError, match="there is no rule expect_nothing_at_all"):
            judged()


def test_a_moment_is_validated_by_its_day_and_a_day_without_a_time_is_reported(validate_rows: ValidateRows) -> None:
    report = make_report(
        {"name": "called_at", "header": "出动时间", "type": "datetime"},
        rules=[
            make_rule("expect_column_values_to_be_in_document_period", column="called_at"),
            make_rule("expect_column_values_to_be_between", column="called_at", min_value="2023-05-01 06:00"),
        ],
    )
    texts = ["2023-05-31 23:59:59", "2023年6月1日0时0分", "2023-05-02", "2023-05-01 05:59", "2023-05-01 25:00", None]
    result = validate_rows(report, *({"called_at": text} for text in texts))
    assert result.accepted.schema.field("called_at").type == pa.timestamp("us")
    assert result.accepted.column("called_at").to_pylist() == [
        dt.datetime.fromisoformat("2023-05-31T23:59:59"),
        dt.datetime.fromisoformat("2023-05-02T00:00:00"),
        None,
    ]
    assert reported(result) == [
        (5, "called_at", "expect_column_values_to_be_in_document_period"),
        (6, "called_at", "time_missing"),
        (7, "called_at", "expect_column_values_to_be_between"),
        (8, "called_at", "type"),
    ]
