from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loaders.contract import Column, Report
from loaders.model import Reading, Severity
from loaders.reading import RecognizeRequest, pack_reports
from loaders.reading.recognition import recognize_document

Read = Callable[..., Reading]
Make = Callable[..., Report]

COLUMNS = [
    {"name": "code", "header": "编号", "field": "orgCode", "required": True, "key": True},
    {"name": "amount_yuan", "header": "金额（元）", "type": "decimal"},
    {"name": "is_open", "header": "是否开放", "type": "boolean", "may_be_absent": True},
]


@pytest.fixture
def funds(report: Make) -> Make:
    def make(**fields: Any) -> Report:
        source = {"kind": "http_api", "connection": "api", "request": {"path": "/funds"}, "key": "orgCode"}
        return report(COLUMNS, source=source, format={"kind": "records"}, ignored_headers=["seq"], replaces="nothing", **fields)

    return make


def jsonl(*records: Any) -> bytes:
    return "".join(
        f"{record if isinstance(record, str) else json.dumps(record, ensure_ascii=False)}\n" for record in records
    ).encode()


def values(reading: Reading) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in reading.rows.to_pylist()]


def test_fields_are_named_by_the_contract_and_kept_as_written(read: Read, funds: Make) -> None:
    content = (
        '{"orgCode": " 甲\\u00a0", "amount_yuan": 0.10, "is_open": true, "seq": 1}\n'
        '{"amount_yuan": 12345678901234567890.123456789012345678, "orgCode": null, "is_open": false}\n'
        '{"orgCode": "", "amount_yuan": 1E5}\n'
    )
    reading = read(content.encode(), funds())
    assert values(reading) == [
        ("", 1, "甲", "0.10", "TRUE"),
        ("", 2, None, "12345678901234567890.123456789012345678", "FALSE"),
        ("", 3, None, "1E5", None),
    ]
    assert (reading.rows_total, reading.furniture, reading.issues, reading.refusal) == (3, {}, (), None)


def test_a_mark_at_the_start_and_blank_lines_are_no_rows(read: Read, funds: Make) -> None:
    record = {"orgCode": "甲", "amount_yuan": "1"}
    reading = read(b"\xef\xbb\xbf" + jsonl(record, "", record, ""), funds())
    assert reading.rows["_row"].to_pylist() == [1, 3]
    assert (reading.rows_total, reading.furniture) == (4, {"blank": 2})


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ('{"orgCode": "乙", "amount_yuan": }', "broken_record"),
        ('["乙"]', "broken_record"),
        ("17", "broken_record"),
        ('{"orgCode": "乙"} {"orgCode": "丙"}', "broken_record"),
        ('{"a":' * 100_000, "broken_record"),
        ('{"orgCode": "乙", "orgCode": "丙", "amount_yuan": 1}', "repeated_field"),
        ('{"orgCode": {"id": "乙"}, "amount_yuan": 1}', "nested_value"),
        ('{"orgCode": "乙", "amount_yuan": [1, 2]}', "nested_value"),
    ],
)
def test_a_line_that_is_no_record_is_kept_with_its_reason(read: Read, funds: Make, line: str, rule: str) -> None:
    good = {"orgCode": "甲", "amount_yuan": 1}
    reading = read(jsonl(good, line, good), funds())
    assert reading.rows["_row"].to_pylist() == [1, 2, 3]
    assert [(issue.rule, issue.severity, issue.row) for issue in reading.issues] == [(rule, Severity.ERROR, 2)]
    assert "第 2 条" in reading.issues[0].message_zh


def test_structures_in_fields_that_nobody_wants_are_no_problem(read: Read, funds: Make) -> None:
    reading = read(jsonl({"orgCode": "甲", "amount_yuan": 1, "seq": {"a": [1]}}), funds())
    assert (reading.issues, reading.rows.num_rows) == ((), 1)


@pytest.mark.parametrize(
    ("record", "rule", "found", "expected"),
    [
        ({"amount_yuan": 1}, "missing_column", "—", "orgCode"),
        ({"code": "甲", "amount_yuan": 1}, "missing_column", "code", "orgCode"),
        ({"orgCode": "甲", "amount": 1}, "missing_column", "amount", "amount_yuan"),
        ({"orgCode": "甲", "amount_yuan": 1, "mood": "好"}, "unknown_column", "mood", "—"),
    ],
)
def test_other_fields_are_refused_with_both_sides(
    read: Read, funds: Make, record: dict[str, Any], rule: str, found: str, expected: str
) -> None:
    reading = read(jsonl(record, record), funds())
    assert reading.refusal is not None
    assert (reading.refusal.rule, reading.refusal.found, reading.refusal.expected) == (rule, found, expected)
    assert reading.rows_total == 2
    assert reading.rows.num_rows == 0


@pytest.mark.parametrize(
    ("records", "amounts"),
    [
        ([{"orgCode": "甲"}, {"orgCode": "乙"}], [None, None]),
        ([{"orgCode": "甲"}, {"orgCode": "乙", "amount_yuan": 5}], [None, "5"]),
        ([{"orgCode": "甲", "amount_yuan": None}, {"orgCode": "乙"}], [None, None]),
        ([{"orgCode": "甲", "seq": 7}], [None]),
        ([{"orgCode": "甲", "is_open": True}], [None]),
        ([{}, {"orgCode": "甲"}], [None, None]),
    ],
)
def test_optional_fields_may_be_ignored_headers(
    read: Read, funds: Make, records: list[dict[str, Any]], amounts: list[str | None]
) -> None:
    reading = read(jsonl(*records), funds())
    assert reading.refusal is None
    assert (reading.rows["amount_yuan"].to_pylist(), reading.issues) == (amounts, ())


def test_a_view_has_all_its_columns(read: Read, report: Make) -> None:
    view = {
        "kind": "database",
        "connection": "charity",
        "relation": "report.v_fund",
        "updated_column": "seq",
        "order_by": ["code"],
    }
    contract = report(COLUMNS, source=view, format={"kind": "records"}, ignored_headers=["seq"], replaces="nothing")
    reading = read(jsonl({"orgCode": "甲"}), contract)
    assert reading.refusal is not None
    assert (reading.refusal.rule, reading.refusal.expected) == ("missing_column", "amount_yuan")


def test_records_without_optional_fields_are_recognized(tmp_path: Path, funds: Make) -> None:
    path = tmp_path / "funds.jsonl"
    path.write_bytes(jsonl({"orgCode": "甲"}))
    others = [{"name": "other", "header": "别的", "field": "orgCode"}, {"name": "more", "header": "更多", "required": True}]
    other = funds().model_copy(update={"report": "other", "columns": tuple(map(Column.model_validate, others))})
    recognised = recognize_document(RecognizeRequest(path, pack_reports((other, funds())), None))
    assert recognised.fits == ("visit",)


def test_an_empty_file_is_refused_unless_the_contract_accepts_it(read: Read, funds: Make) -> None:
    for content in (b"", b"\n\n"):
        reading = read(content, funds())
        assert reading.refusal is not None
        assert reading.refusal.rule == "empty_document"
        accepted = read(content, funds(empty_batch="accept"))
        assert (accepted.refusal, accepted.rows.num_rows) == (None, 0)
        assert accepted.rows_total == sum(accepted.furniture.values())


def test_a_file_that_breaks_off_is_refused(read: Read, funds: Make) -> None:
    content = jsonl({"orgCode": "甲", "amount_yuan": 1}) + b'{"orgCode": "\xe4\xb9\x99", "amou'
    reading = read(content, funds())
    assert reading.refusal is not None
    assert reading.refusal.rule == "unreadable_document"
    assert reading.rows_total == 2


def test_arrays_other_encodings_and_nul_bytes_are_refused(read: Read, funds: Make) -> None:
    record = {"orgCode": "甲", "amount_yuan": 1}
    cases = {
        "not_json_lines": json.dumps([record], indent=1).encode(),
        "wrong_encoding": jsonl(record, record).decode().encode("gb18030"),
        "nul_bytes": jsonl(record).replace("甲".encode(), b"\0"),
        "wrong_kind": b"PK\x03\x04xl/workbook.xml",
    }
    for rule, content in cases.items():
        reading = read(content, funds())
        assert reading.refusal is not None, rule
        assert reading.refusal.rule == rule


def test_amounts_of_records_are_in_the_unit_that_the_contract_says(report: Make, read: Read) -> None:
    columns = [
        COLUMNS[0],
        {"name": "capital_yuan", "header": "注册资金（万元）", "type": "decimal", "unit": "元", "printed_unit": "万元"},
        {"name": "paid_yuan", "header": "实缴（元）", "type": "decimal", "unit": "元"},
    ]
    source = {"kind": "http_api", "connection": "api", "request": {"path": "/funds"}, "key": "orgCode"}
    funds = report(columns, source=source, format={"kind": "records"}, ignored_headers=["seq"], replaces="nothing")
    found = read(jsonl({"orgCode": "A1", "capital_yuan": "3.00", "paid_yuan": 5, "seq": 1}), funds)
    assert [dict(table.scales) for table in found.tables] == [{"capital_yuan": 10_000}]


NESTED = [
    COLUMNS[0],
    {"name": "city", "header": "市", "field": "address.city", "required": True},
    {"name": "street", "header": "街道", "field": "address.place.street"},
]


@pytest.fixture
def addresses(report: Make) -> Make:
    source = {"kind": "http_api", "connection": "api", "request": {"path": "/funds"}, "key": "orgCode"}
    kept = ["address.zip"]
    return lambda: report(NESTED, source=source, format={"kind": "records"}, ignored_headers=kept, replaces="nothing")


def test_a_field_is_in_an_object_by_its_path(read: Read, addresses: Make) -> None:
    reading = read(
        jsonl(
            {"orgCode": "甲", "address": {"city": "惠州", "zip": [1], "place": {"street": "一路"}}},
            {"orgCode": "乙", "address": {"city": "惠州", "place": None}},
            {"orgCode": "丙", "address.city": "惠州", "address.place.street": "二路"},
        ),
        addresses(),
    )
    assert values(reading) == [("", 1, "甲", "惠州", "一路"), ("", 2, "乙", "惠州", None), ("", 3, "丙", "惠州", "二路")]
    assert (reading.issues, reading.refusal) == ((), None)


@pytest.mark.parametrize(("address", "found"), [([{"city": "惠州"}], ("列表", "a list")), ("惠州", ("单个值", "a single value"))])
def test_a_list_in_the_place_of_an_object_rejects_the_record(
    read: Read, addresses: Make, address: Any, found: tuple[str, str]
) -> None:
    good = {"orgCode": "甲", "address": {"city": "惠州", "place": {"street": "一路"}}}
    reading = read(jsonl(good, {"orgCode": "乙", "address": address}), addresses())
    assert [(issue.rule, issue.severity, issue.row, issue.column) for issue in reading.issues] == [
        ("no_object", Severity.ERROR, 2, "city"),
        ("no_object", Severity.ERROR, 2, "street"),
    ]
    assert f"约定的字段是 address.city，address 却是{found[0]}" in reading.issues[0].message_zh
    assert f"reads the field address.city, but address is {found[1]}" in reading.issues[0].message_en


def test_an_unknown_field_in_an_object_is_named_by_its_path(read: Read, addresses: Make) -> None:
    record = {"orgCode": "甲", "address": {"city": "惠州", "country": "中国", "place": {"street": "一路"}}}
    reading = read(jsonl(record), addresses())
    assert reading.refusal is not None and reading.refusal.found == "address.country"
