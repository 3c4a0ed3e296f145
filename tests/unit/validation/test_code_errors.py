"""The message on a wrong code names what is wrong with it; a sound code of an unknown kind is only remarked on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from loaders.identifiers import organization_code_check_digit, uscc_check_digit
from loaders.model import Severity, ValidationResult
from tests.support.validation.readings import make_report

ValidateRows = Callable[..., ValidationResult]
USCC = {"name": "host_uscc", "header": "信用代码", "type": "uscc"}
RESIDENT = {"name": "id_number", "header": "身份证号", "type": "resident_id", "pii": "personal"}


def code_of(prefix: str) -> str:
    body = f"{prefix}441302ME000001{organization_code_check_digit('ME000001')}"
    return body + uscc_check_digit(body)


def test_codes_of_village_committees_and_collectives_are_accepted(validate_quickly: ValidateRows) -> None:
    codes = [code_of(prefix) for prefix in ("54", "55", "N1", "N2", "N3", "N9", "A1", "G1")]
    result = validate_quickly(make_report(USCC), *[{"host_uscc": code} for code in codes])
    assert (result.issues, result.accepted.column("host_uscc").to_pylist()) == ((), codes)


def test_a_sound_code_with_an_unknown_prefix_is_taken_with_a_remark(validate_rows: ValidateRows) -> None:
    code = code_of("56")
    result = validate_rows(make_report(USCC), {"host_uscc": code}, {"host_uscc": code_of("54")}, {"host_uscc": None})
    (issue,) = result.issues
    assert (issue.rule, issue.severity, issue.cell, issue.found) == ("unknown_uscc_prefix", Severity.WARNING, "B4", code)
    assert "开头两位" in issue.message_zh
    assert result.accepted.num_rows == 3


@pytest.mark.parametrize("validate", ["validate_rows", "validate_quickly"])
def test_each_row_is_reported_its_own_fault(validate: str, request: pytest.FixtureRequest) -> None:
    wrong = ["5244130", "524413O0MJK000022D", "52441300MJK000023D", "52441300MJK000022E", "56441300MJK000022E"]
    result = request.getfixturevalue(validate)(make_report(USCC), *[{"host_uscc": code} for code in wrong])
    assert {issue.rule for issue in result.issues} == {"expect_column_values_to_be_valid_uscc"}
    words = ["应为18位，实为7位", "“O”不会出现", "第17位组织机构代码的校验码应为“2”", "第18位校验码应为“D”", "开头的“56”不在"]
    for issue, text, zh in zip(result.issues, wrong, words, strict=True):
        assert zh in issue.message_zh
        assert text in issue.message_zh
        assert issue.found == text
    assert ["校验码" in str(issue.expected) for issue in result.issues] == [False, False, True, True, True]


def test_the_number_of_a_person_stays_masked(validate_quickly: ValidateRows) -> None:
    wrong = {"441302198001010022": "校验码应为“3”，实为“2”", "441302199002300019": "没有这一天", "44130219800101002": "实为17位"}
    result = validate_quickly(make_report(RESIDENT), *[{"id_number": number} for number in wrong])
    for issue, (number, zh) in zip(result.issues, wrong.items(), strict=True):
        assert zh in issue.message_zh
        assert number not in f"{issue}"
        assert number[6:14] not in f"{issue}"


def test_permits_of_hong_kong_macau_and_taiwan_and_the_old_form_are_taken(validate_quickly: ValidateRows) -> None:
    numbers = ["810000199408230021", "830000199201300022", "110105491231002", "'11010519491231002x", '="11010519491231002X"']
    result = validate_quickly(make_report(RESIDENT), *[{"id_number": number} for number in numbers])
    keys = result.accepted.column("id_number_key").to_pylist()
    assert (result.issues, len(keys), len(set(keys))) == ((), 5, 3)
