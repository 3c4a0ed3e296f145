"""No plain personal number leaves validation: not in a value, a record, an issue or a message."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from loaders.contract import Column
from loaders.model import Severity, ValidationResult
from loaders.validation.conversion.pseudonyms import (
    Pseudonymizer,
    mask_numbers_in_text,
    masked_values,
    redacted,
    rows_with_personal_numbers,
    truncate,
)
from tests.support.validation.readings import KEY, make_report

ValidateRows = Callable[..., ValidationResult]
NUMBERS = {
    "resident": "441302198001010023",
    "mistyped": "441302198001010099",
    "mobile": "13800138000",
    "landline": "0752-2888888",
    "account": "6222021234567890",
}


def described(**fields: Any) -> Column:
    return Column.model_validate({"name": "value", "header": "值", **fields})


def everything(result: ValidationResult) -> str:
    tables = [str(table.to_pylist()) for table in (result.accepted, result.rejected)]
    return " ".join([*tables, *map(str, result.issues), str(result.refusal)])


@pytest.mark.parametrize(
    ("fields", "writings"),
    [
        (
            {"type": "resident_id"},
            ["11010519491231002X", "11010519491231002x", "１１０１０５１９４９１２３１００２Ｘ", "110105491231002"],
        ),
        ({"type": "phone"}, ["13800138000", "138 0013 8000", "+86-138-0013-8000", "86".join(["+", "13800138000"])]),
        ({"type": "phone"}, ["0752-2888888", "07522888888", "(0752)2888888"]),
        ({"type": "bank_account"}, ["6222021234567890", "6222 0212 3456 7890", "6222-0212-3456-7890"]),
        ({"type": "text"}, ["欧阳修远", "欧阳 修远", "欧阳修远\u3000"]),
    ],
)
def test_one_person_has_one_key_in_every_writing(
    validate_rows: ValidateRows, fields: dict[str, Any], writings: list[str]
) -> None:
    report = make_report({"name": "value", "header": "值", "pii": "personal", **fields})
    accepted = validate_rows(report, *[{"value": writing} for writing in writings]).accepted
    assert len(set(accepted.column("value_key").to_pylist())) == 1
    assert accepted.num_rows == len(writings)


def test_a_key_is_the_hmac_of_the_normal_form() -> None:
    column = described(type="resident_id", pii="personal")
    (key, none) = Pseudonymizer(KEY).keys(column, pa.array(["11010519491231002X", None])).to_pylist()
    assert key == hmac.new(KEY, b"11010519491231002X", hashlib.sha256).hexdigest()
    assert none is None
    assert Pseudonymizer(b"another").keys(column, pa.array(["11010519491231002X"])).to_pylist() != [key]


@pytest.mark.parametrize(
    ("fields", "text", "masked"),
    [
        ({"type": "resident_id", "pii": "personal"}, "441302198001010023", "441302********0023"),
        ({"type": "resident_id", "pii": "sensitive"}, "441302198001010023", "4****************3"),
        ({"type": "phone", "pii": "contact"}, "13800138000", "138****8000"),
        ({"type": "phone", "pii": "contact"}, "0752-2888888", "0752-***8888"),
        ({"type": "bank_account", "pii": "personal"}, "6222021234567890", "6222********7890"),
        ({"pii": "contact"}, "张三丰", "张*丰"),
        ({"pii": "sensitive"}, "血压偏高，已提醒", "血******醒"),
        ({"pii": "contact", "name": "home_address"}, "惠城区芦洲镇芦村村100号", "惠城区芦洲镇芦村村***"),
    ],
)
def test_masks_follow_type_and_class(fields: dict[str, Any], text: str, masked: str) -> None:
    column = described(**fields)
    assert masked_values(column, pa.array([text, None])).to_pylist() == [masked, None]
    assert redacted(column, text) == masked


def test_a_wrong_number_is_masked_in_the_issue_too(validate_rows: ValidateRows) -> None:
    report = make_report({"name": "client_id", "header": "证号", "type": "resident_id", "pii": "personal"})
    result = validate_rows(report, {"client_id": NUMBERS["mistyped"]}, {"client_id": "44130219800101002"})
    assert [issue.found for issue in result.issues] == ["441302********0099", "4***************2"]
    assert "4413021980" not in everything(result)


@pytest.mark.parametrize("kind", NUMBERS)
def test_a_number_in_free_text_is_masked_and_warned_of(validate_rows: ValidateRows, kind: str) -> None:
    report = make_report({"name": "remark", "header": "备注"})
    result = validate_rows(report, {"remark": f"请联系{NUMBERS[kind]}，谢谢"}, {"remark": "已回访"}, {"remark": None})
    assert NUMBERS[kind] not in everything(result)
    first, *others = result.accepted.column("remark").to_pylist()
    assert "*" in first
    assert (first[:3], first[-3:], others) == ("请联系", "，谢谢", ["已回访", None])
    (issue,) = result.issues
    assert (issue.rule, issue.severity, issue.row, issue.found) == ("personal_number_in_text", Severity.WARNING, 4, first)


def test_free_text_is_validated_as_it_was_written(validate_rows: ValidateRows) -> None:
    rule = {
        "expect": "expect_column_value_lengths_to_be_between",
        "arguments": {"column": "remark", "max_value": 11},
        "meaning": {"zh": "短", "en": "short"},
    }
    report = make_report({"name": "remark", "header": "备注"}, rules=[rule])
    assert validate_rows(report, {"remark": "13800138000"}).accepted.column("remark").to_pylist() == ["138****8000"]


@pytest.mark.parametrize(
    "text", [NUMBERS["resident"], NUMBERS["mobile"], "138 0013 8000", "C441302198001010023", "6222 0212 3456 7890"]
)
def test_a_number_where_a_code_belongs_rejects_the_row(validate_rows: ValidateRows, text: str) -> None:
    report = make_report({"name": "client_code", "header": "档案编号", "required": True})
    result = validate_rows(report, {"client_code": text}, {"client_code": "C1"})
    assert result.accepted.column("client_code").to_pylist() == ["C1"]
    assert [issue.rule for issue in result.issues] == ["personal_number"]
    assert text not in everything(result)


def test_long_codes_are_left_as_they_are(validate_rows: ValidateRows) -> None:
    codes = ["53100000500009167KA21008", "202305010000000001", "TF2021014413020010001", "441302202305010001"]
    report = make_report({"name": "filing_code", "header": "备案编号"})
    assert validate_rows(report, *[{"filing_code": code} for code in codes]).accepted.column("filing_code").to_pylist() == codes


def test_a_contract_can_say_that_numbers_name_no_person(validate_rows: ValidateRows) -> None:
    report = make_report({"name": "archive", "header": "档号", "names_no_person": True})
    result = validate_rows(report, {"archive": NUMBERS["resident"]})
    assert result.accepted.column("archive").to_pylist() == [NUMBERS["resident"]]
    assert result.issues == ()


@pytest.mark.parametrize("kind", ["integer", "decimal"])
def test_a_number_of_a_person_is_no_amount(validate_rows: ValidateRows, kind: str) -> None:
    report = make_report({"name": "amount_count", "header": "数", "type": kind})
    result = validate_rows(
        report, {"amount_count": NUMBERS["mobile"]}, {"amount_count": NUMBERS["resident"]}, {"amount_count": "14000000000.00"}
    )
    assert [issue.rule for issue in result.issues] == ["personal_number", "type"]
    assert result.accepted.num_rows == 1
    assert not any(number in everything(result) for number in NUMBERS.values())


def test_the_record_of_a_rejected_row_is_masked_in_every_column(validate_rows: ValidateRows) -> None:
    report = make_report(
        {"name": "head_name", "header": "姓名", "pii": "contact"},
        {"name": "remark", "header": "备注"},
        {"name": "day_date", "header": "日期", "type": "date"},
        {"name": "town_name", "header": "镇", "known_in": "divisions.town_name"},
    )
    row = {"head_name": "张三丰", "remark": "电话13800138000", "day_date": "441302198001010023", "town_name": "6222021234567890"}
    right = {"head_name": "李四", "remark": "无", "day_date": "2023-06-01", "town_name": "芦洲镇"}
    result = validate_rows(report, row, right)
    assert result.rejected.num_rows == 1
    assert not any(number in everything(result) for number in (*NUMBERS.values(), "张三丰"))


def test_personal_keys_tell_rows_apart_by_their_hash(validate_rows: ValidateRows) -> None:
    report = make_report(
        {"name": "client_id", "header": "证号", "type": "resident_id", "pii": "personal", "key": True, "required": True}
    )
    result = validate_rows(report, {"client_id": "110105491231002"}, {"client_id": "11010519491231002x"})
    assert result.accepted.num_rows == 1
    assert [issue.found for issue in result.issues] == ["110105********002X"]


def test_a_long_text_is_shortened_where_it_is_shown() -> None:
    assert len(truncate("长" * 32_000)) == 201
    assert truncate("短") == "短"


def test_texts_without_numbers_are_returned_as_they_are() -> None:
    texts = pa.array(["甲", None, "2023-05-01 2023-06-01"])
    masked, rows = mask_numbers_in_text(texts)
    assert masked.to_pylist() == texts.to_pylist()
    assert not len(rows)
    assert not len(rows_with_personal_numbers(texts))
