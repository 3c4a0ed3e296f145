import datetime as dt
import json
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from loaders import identifiers as ids
from loaders.identifiers import redaction

VECTORS = json.loads((Path(__file__).parent / "code_vectors.json").read_text(encoding="utf-8"))
MASKS = {
    "name": ids.mask_name,
    "id": ids.mask_id,
    "id_strict": ids.mask_id_strict,
    "mobile": ids.mask_mobile,
    "landline": ids.mask_landline,
    "bank": ids.mask_bank_account,
    "address": ids.mask_address,
    "uscc": str,
}
TODAY = dt.date(2023, 12, 31)


@pytest.mark.parametrize("code", VECTORS["uscc"]["valid"])
def test_a_credit_code_with_both_check_characters_right_is_valid(code: str) -> None:
    assert ids.is_valid_uscc(code)


@pytest.mark.parametrize("code", VECTORS["uscc"]["invalid"].values(), ids=VECTORS["uscc"]["invalid"].keys())
def test_a_credit_code_with_anything_wrong_is_invalid(code: str) -> None:
    assert not ids.is_valid_uscc(ids.normalize_uscc(code))


def test_one_wrong_character_is_always_seen() -> None:
    code = VECTORS["uscc"]["valid"][0]
    for place in range(2, 18):
        for other in ids.USCC_ALPHABET:
            if other != code[place]:
                assert not ids.is_valid_uscc(code[:place] + other + code[place + 1 :])


@pytest.mark.parametrize(("written", "code"), VECTORS["uscc"]["normalise"])
def test_a_credit_code_is_normalized(written: str, code: str) -> None:
    assert ids.normalize_uscc(written) == code


def test_check_digits_refuse_what_cannot_have_one() -> None:
    for make, text in (
        (ids.uscc_check_digit, "5144130"),
        (ids.uscc_check_digit, "51441300MJK00001I"),
        (ids.organization_code_check_digit, "MJK"),
        (ids.resident_id_check_digit, "4413021980010100２"),
    ):
        with pytest.raises(ValueError, match=r"has 17|has 8|never holds"):
            make(text)


@pytest.mark.parametrize("number", VECTORS["resident_id"]["valid"].values(), ids=VECTORS["resident_id"]["valid"].keys())
def test_a_residents_number_is_valid_whatever_its_region(number: str) -> None:
    assert ids.is_valid_resident_id(number, TODAY)


@pytest.mark.parametrize("number", VECTORS["resident_id"]["invalid"].values(), ids=VECTORS["resident_id"]["invalid"].keys())
def test_a_wrong_residents_number_is_invalid(number: str) -> None:
    assert not ids.is_valid_resident_id(ids.normalize_resident_id(number), TODAY)


@pytest.mark.parametrize(("written", "number"), VECTORS["resident_id"]["normalise"])
def test_a_residents_number_is_normalized(written: str, number: str) -> None:
    assert ids.normalize_resident_id(written) == number


def test_a_region_is_only_reported_apart() -> None:
    assert ids.has_known_region("441302198001010023")
    assert not ids.has_known_region("991302198001010023")


@pytest.mark.parametrize("number", VECTORS["phone"]["valid"])
def test_a_telephone_number_is_valid(number: str) -> None:
    assert ids.is_valid_phone(ids.normalize_phone(number))


@pytest.mark.parametrize("number", VECTORS["phone"]["invalid"])
def test_what_nobody_can_call_is_invalid(number: str) -> None:
    assert not ids.is_valid_phone(ids.normalize_phone(number))


def test_bank_accounts_are_digits_and_cards_end_in_a_luhn_digit() -> None:
    assert ids.normalize_bank_account("6222 0212-3456 7890") == "6222021234567890"
    assert ids.is_valid_bank_account("6222021234567890")
    assert not ids.is_valid_bank_account("6222021234567890", luhn=True)
    assert ids.is_valid_bank_account("4111111111111111", luhn=True)
    assert not ids.is_valid_bank_account("62220212345678AB")


@pytest.mark.parametrize("code", VECTORS["divisions"])
def test_division_codes_have_the_form_of_their_level(code: str) -> None:
    assert ids.is_valid_division_code(code)


def test_what_is_no_division_code() -> None:
    assert ids.is_valid_division_code(ids.normalize_division_code("ｈｚ-ｚｋ"))
    for text in ("44130", "4413021", "惠城区", "HZ-"):
        assert not ids.is_valid_division_code(text)


@pytest.mark.parametrize(("kind", "plain", "masked"), VECTORS["masks"])
def test_masks(kind: str, plain: str, masked: str) -> None:
    assert MASKS[kind](plain) == masked


@given(st.text(min_size=1, max_size=30))
def test_no_mask_shows_a_whole_value(text: str) -> None:
    text = text.strip()
    if text:
        for mask in (ids.mask_name, ids.mask_strict, ids.mask_id, ids.mask_phone, ids.mask_bank_account, ids.mask_address):
            assert mask(text) != text or "*" in text


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("身份证441302198001010023，已核实", "身份证441302********0023，已核实"),
        ("身份证４４１３０２１９８００１０１００２３", "身份证441302********0023"),
        ("441302 19800101 0023", "441302********0023"),
        ("电话13800138000或0752-2888888", "电话138****8000或0752-***8888"),
        ("tel13800138000", "tel138****8000"),
        ("13800138000.0", "138****8000.0"),
        ("138 0013 8000", "138****8000"),
        ("138.0013.8000，13800-138000，1380 0138 000", "138****8000，138****8000，138****8000"),
        ("441302-19800101-0023；441302\u30001980\u30000101\u30000023", "441302********0023；441302********0023"),
        ("（0752）2888888、+86-138-0013-8000", "0752-***8888、+86-138****8000"),
        ("工行6222 0212 3456 7890 123", "工行6222********0123"),
        ("卡号：12345678", "卡号：1******8"),
        ("441302198001010099（写错）", "441302********0099（写错）"),
        ("信用代码91441300MA54EQ074L", "信用代码91441300MA54EQ074L"),
        ("金额1234567.89元，2023-05-01 10:00", "金额1234567.89元，2023-05-01 10:00"),
        ("单价13800.138000，比例0.13800138000，共13 20 15 10 22 3", "单价13800.138000，比例0.13800138000，共13 20 15 10 22 3"),
        ("编号TF2021014413020010001", "编号TF2021014413020010001"),
        ("无", "无"),
    ],
)
def test_personal_numbers_in_a_text_are_masked_and_nothing_else(text: str, redacted: str) -> None:
    assert ids.redact(text) == redacted
    assert ids.redact(redacted) == redacted


_PIECES = st.sampled_from(
    [
        "tel",
        "+86",
        "6222021234567894",
        *"0123456789",
        "１",
        "441302",
        "19800101",
        "0023",
        "138",
        "0013",
        "8000",
        "0752",
        "-",
        " ",
        "X",
        "号",
        "户",
        "：",
        "卡",
        "a",
        "。",
        ".",
        "(",
        ")",
        "\u3000",
    ]
)


@settings(max_examples=150)
@given(st.lists(_PIECES, max_size=14).map("".join))
@example("441302 19800101 0023")
@example("1380013 8000")
@example("账户为12345678")
def test_the_quick_look_finds_whatever_redaction_changes(text: str) -> None:
    found = [form.search(text.translate(redaction._HALF_WIDTH_DIGITS)) for form, _ in redaction._EMBEDDED]
    if any(found):
        assert re.search(ids.NUMBER_IN_TEXT, text)


@pytest.mark.parametrize(
    "code",
    [
        *("13800138000", "138 0013 8000", "138-0013-8000", "138.0013.8000", "13800138000.0", "１３８００１３８０００"),
        *("86-13800138000", "+86 138 0013 8000", "008613800138000", "tel138-0013-8000", "Tel:13800138000", "wx13800138000"),
        *("11010519491231002x", "'441302198001010023", "C441302198001010023甲"),
        *("6222021234567894", "6222021234567890128", "6222 0212 3456 7890 123"),
    ],
)
def test_codes_that_hold_a_number_of_a_person(code: str) -> None:
    assert ids.contains_personal_number(code)
    assert re.search(ids.NUMBER_IN_CODE, code)


@pytest.mark.parametrize(
    "code",
    [
        "23800138000",
        "441302198001010024",
        "TF13800138000",
        "SW-13800138000",
        "0752-2023001",
        "19800101-000",
        "138.00138000",
        "13800138000.5",
        "138.0013.80001",
        "hotel13800138000",
        "6222021234567891",  # another check digit
        "6201022023010117",  # a division of Gansu, a date and a number
        "",
    ],
)
def test_codes_that_only_look_like_one(code: str) -> None:
    assert not ids.contains_personal_number(code)


@given(st.lists(_PIECES, max_size=14).map("".join))
@example("１３８００１３８０００")
def test_the_quick_look_finds_whatever_a_code_may_hold(code: str) -> None:
    assert not ids.contains_personal_number(code) or re.search(ids.NUMBER_IN_CODE, code)
