"""Which numbers are sound, and what exactly is wrong with the others: expected and found, at their place."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders import identifiers as ids
from loaders.messages import phrase

TODAY = dt.date(2023, 12, 31)
SOUND = "52441300MJK000022D"
PREFIXES = [
    *("11", "12", "13", "19", "21", "29", "31", "32", "33", "34", "35", "39", "41", "49", "51", "52", "53", "54", "55", "59"),
    *("61", "62", "69", "71", "72", "79", "81", "89", "91", "92", "93", "99", "A1", "A9", "G1", "N1", "N2", "N3", "N9", "Y1"),
]


def uscc(prefix: str, division: str = "441302", first8: str = "ME000001") -> str:
    """A made-up credit code with both check characters right."""
    body = f"{prefix}{division}{first8}{ids.organization_code_check_digit(first8)}"
    return body + ids.uscc_check_digit(body)


def resident(region: str, born: str, order: str = "002") -> str:
    """A made-up resident's number with a right check digit."""
    body = f"{region}{born}{order}"
    return body + ids.resident_id_check_digit(body)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_authority_and_kind_of_body(prefix: str) -> None:
    code = uscc(prefix)
    assert ids.uscc_error(code) is None
    assert ids.has_known_uscc_prefix(code)
    assert ids.is_valid_uscc(code)


@pytest.mark.parametrize("prefix", ["00", "14", "56", "5A", "94", "B1", "N4", "X9", "YY"])
def test_an_unknown_prefix_is_no_fault(prefix: str) -> None:
    code = uscc(prefix)
    assert ids.uscc_error(code) is None
    assert not ids.has_known_uscc_prefix(code)
    assert not ids.is_valid_uscc(code)


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        (SOUND[:17], "应为18位，实为17位", "expected 18 characters, found 17"),
        (f"{SOUND}0", "实为19位", "found 19"),
        ("", "实为0位", "found 0"),
        ("524413O0MJK000022D", "第7位的“O”不会出现在信用代码中", 'perhaps "0"'),
        ("52441300MJI000027X", "第11位的“I”", 'perhaps "1"'),
        ("52441300MJZ000027X", "可能是“2”", 'perhaps "2"'),
        ("S2441300MJK000022D", "第1位的“S”", 'perhaps "5"'),
        ("52441300MVK000022D", "第10位的“V”", 'perhaps "U"'),
        ("52441300MJK00-022D", "第14位的“-”", '"-" (character 14)'),
        ("52441300惠JK000022D", "第9位的“惠”", "(character 9)"),
        ("5244130AMJK000022D", "第3—8位应为6位数字的行政区划码，实为“44130A”", 'found "44130A"'),
        ("52441300MJK000023D", "第17位组织机构代码的校验码应为“2”，实为“3”", 'should be "2", found "3"'),
        ("52441300MJK000022E", "第18位校验码应为“D”，实为“E”", '(character 18) should be "D", found "E"'),
        ("56441300MJK000022D", "开头的“56”不在登记管理部门和机构类别之列", '"56" is no known authority'),
    ],
)
def test_what_is_wrong_with_a_credit_code(code: str, zh: str, en: str) -> None:
    error = ids.uscc_error(code)
    assert error is not None
    assert zh in phrase(error.code, **error.parameters).zh
    assert en in phrase(error.code, **error.parameters).en
    assert error.is_check == ("校验码" in phrase(error.code, **error.parameters).zh)


@given(st.sampled_from(PREFIXES), st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ惠-"))
def test_one_wrong_character_is_always_a_fault(prefix: str, place: int, character: str) -> None:
    code = uscc(prefix)
    changed = code[:place] + character + code[place + 1 :]
    error = ids.uscc_error(changed)
    assert (error is None) == (changed == code)
    if character in "IOSVZ惠-":
        assert error is not None
        assert f"第{place + 1}位的“{character}”" in phrase(error.code, **error.parameters).zh


@pytest.mark.parametrize(
    "number",
    [
        resident("441302", "19800101"),
        resident("810000", "19940823"),
        resident("820000", "19990101"),
        resident("830000", "19920130"),
        resident("710000", "19920130"),
        resident("911344", "19800229"),
        resident("944840", "19750615"),
        resident("442501", "19650203"),
        resident("441302", "20231231"),
        ids.normalize_resident_id("110105491231002"),
        ids.normalize_resident_id("11010549 1231 002"),
    ],
)
def test_numbers_of_residents_whatever_their_card(number: str) -> None:
    assert ids.resident_id_error(number, TODAY) is None
    assert ids.has_known_region(number)


@pytest.mark.parametrize(
    ("number", "zh", "en"),
    [
        ("44130219800101002", "应为18位，实为17位", "found 17"),
        ("4413021980010100233", "实为19位", "found 19"),
        ("441302********0023", "第7、8、9、10、11、12、13、14位不是数字，号码已被遮盖", "the number is masked"),
        ("44130219800101O023", "第15位不是数字", "not a digit at 15"),
        ("X41302198001010023", "第1位不是数字", "not a digit at 1"),
        (resident("441302", "19900230"), "实际没有这一天", "there is no such day"),
        (resident("441302", "19901301"), "实际没有这一天", "there is no such day"),
        (resident("441302", "19900100"), "实际没有这一天", "there is no such day"),
        (resident("441302", "20240102"), "在今天之后", "lies in the future"),
        (resident("441302", "20991231"), "在今天之后", "lies in the future"),
        (resident("441302", "18491231"), "早于1850年", "before 1850"),
        (ids.normalize_resident_id("110105490230002"), "实际没有这一天", "there is no such day"),
        ("441302198001010022", "第18位校验码应为“3”，实为“2”", 'should be "3", found "2"'),
        ("11010519491231002Y", "第18位不是数字", "only character 18 may be an X"),
        ("USA110083010100", "像是旧版外国人永久居留证号", "a foreigner's old residence card"),
        ("H12345678", "像是通行证或护照号码", "travel permit or passport"),
        ("12345678", "像是通行证或护照号码", "travel permit or passport"),
        ("E12345678", "像是通行证或护照号码", "travel permit or passport"),
    ],
)
def test_what_is_wrong_with_a_residents_number(number: str, zh: str, en: str) -> None:
    error = ids.resident_id_error(number, TODAY)
    assert error is not None
    assert zh in phrase(error.code, **error.parameters).zh
    assert en in phrase(error.code, **error.parameters).en


@given(st.from_regex(r"[0-9X*]{15,18}", fullmatch=True))
def test_no_fault_shows_a_number(number: str) -> None:
    error = ids.resident_id_error(number, TODAY)
    digits = "".join(re.findall(r"“([0-9X]+)”", phrase(error.code, **error.parameters).zh)) if error else ""
    assert len(digits) <= 2


def test_a_wrong_birthday_is_reported_before_the_check_digit() -> None:
    wrong = resident("441302", "19900230")
    error = ids.resident_id_error(wrong[:17] + ("0" if wrong[17] != "0" else "1"), TODAY)
    assert error is not None
    assert "没有这一天" in phrase(error.code, **error.parameters).zh
