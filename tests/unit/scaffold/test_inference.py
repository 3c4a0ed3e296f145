"""What new-report makes of columns: tables of variants, and look-alikes that are generated."""

import datetime as dt
import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.contract import Pii, Report
from loaders.divisions import Division, Divisions
from loaders.identifiers import (
    USCC_ALPHABET,
    has_luhn_digit,
    organization_code_check_digit,
    resident_id_check_digit,
    uscc_check_digit,
)
from loaders.scaffold.inference.choices import choices_of
from loaders.scaffold.inference.key_inference import SampleColumn, choose_key
from loaders.scaffold.inference.type_inference import InferredType, infer_column_type

CARD, OTHER_CARD = "11010519491231002X", "440524188001010014"
CREDIT_CODE = "91350100M000100Y43"


def division(code: str, name: str, level: str) -> Division:
    return Division(code, name, level, "4499", "", True, "", None, name[:-1])


DIVISIONS = Divisions(
    (
        division("4499", "某市", "city"),
        division("449901", "东区", "county"),
        division("449902", "西区", "county"),
        division("449901001", "河口镇", "town"),
        division("449901002", "山前街道", "town"),
        division("449901001001", "河口村", "village"),
    )
)

VARIANTS: list[tuple[str, list[str | None], dict[str, Any]]] = [
    # Numbers of persons, whatever the header.
    ("证号", [CARD, OTHER_CARD], {"type": "resident_id", "pii": "sensitive"}),
    ("编码", [CARD.lower()], {"type": "resident_id", "pii": "sensitive"}),
    ("居民身份证号码", [CARD, "110105194912310021"], {"pii": "personal"}),
    ("身份证号", ["110105********002X"], {"pii": "personal"}),
    ("对象", [CARD, "不详"], {"pii": "personal"}),
    ("联系方式", ["13800138000", "0752-2888888"], {"type": "phone", "pii": "personal"}),
    ("办公电话", ["0752-2888888"], {"type": "phone", "pii": "contact"}),
    ("手机", ["13800138000", "无"], {"type": "phone", "pii": "personal"}),
    ("手机", ["1380013800"], {"pii": "personal"}),
    ("mobile", ["13800138000"], {"type": "phone", "pii": "personal"}),
    ("银行账号", ["6222021234567890", "440301040012345"], {"type": "bank_account", "pii": "sensitive"}),
    ("经办人", ["张三"], {"pii": "contact"}),
    ("服务对象", ["张三"], {"pii": "personal"}),
    ("经办人数", ["3"], {"type": "integer"}),
    ("姓名", [], {"pii": "personal"}),
    # Organizations and divisions.
    ("统一社会信用代码", [CREDIT_CODE], {"type": "uscc"}),
    ("机构", [CREDIT_CODE], {"type": "uscc"}),
    ("统一社会信用代码", ["91350100M000100Y44"], {}),
    ("镇（街道）", ["河口镇", "山前街道"], {"known_in": "divisions.town_name"}),
    ("县（区）", ["东区", "西"], {"known_in": "divisions.county_name"}),
    ("镇（街道）", ["河口镇", "河口"], {"known_in": "divisions.town_name"}),
    ("镇（街道）", ["河口镇", "别处镇"], {}),
    ("名称", ["河口镇"], {}),
    ("行政区划代码", ["449901", "449902"], {"type": "division_code", "known_in": "divisions.county"}),
    ("areaCode", ["449901001"], {"type": "division_code", "known_in": "divisions.town"}),
    ("区划代码", ["449901", "999999"], {}),
    ("机构代码", ["449901"], {}),
    # Units.
    ("服务人次", ["12", "3"], {"type": "integer", "unit": "人次"}),
    ("走访（人次）", ["12", "3"], {"type": "integer", "unit": "人次"}),
    ("比例", ["12.5%", "3%"], {"type": "decimal", "unit": "%"}),
    ("比例", ["12.5%", "3"], {}),
    ("占比（百分比）", ["12.5", "3"], {"type": "decimal", "unit": "%"}),
    ("比例（%）", ["12.5%", "3"], {"type": "decimal", "unit": "%"}),
    ("数量", ["198件", "3件"], {"type": "integer", "unit": "件"}),
    ("金额", ["3.5万元", "2元"], {"type": "decimal", "shape": [18, 2], "unit": "元"}),
    ("金额（万元）", ["3元", "2"], {"type": "decimal", "shape": [18, 2], "unit": "元", "printed_unit": "万元"}),
    ("金额（元）", ["3件"], {}),
    # Days and periods.
    ("统计季度", ["2023年第一季度", "2023Q2"], {"type": "quarter"}),
    ("年度", ["2023年", "2024年"], {"type": "year"}),
    ("年度", ["2023", "2024"], {"type": "year"}),
    ("所属期", ["202305"], {"type": "month"}),
    ("日期", ["20230501", "20230532"], {"type": "integer"}),
    ("数量", ["2023", "1999"], {"type": "integer"}),
    ("流水", ["20230501"], {"type": "integer"}),
    # Codes keep their zeros.
    ("批次", ["0012", "13"], {}),
    ("档案号", ["12", "13"], {}),
    ("是否脱贫", ["是", "否"], {"type": "boolean"}),
    ("isActive", ["TRUE", "FALSE"], {"type": "boolean"}),
    ("是否脱贫", ["是", "不详"], {}),
    ("状态", ["1", "0"], {"type": "integer"}),
]


@pytest.mark.parametrize(("header", "texts", "expected"), VARIANTS)
def test_what_a_column_is(header: str, texts: list[str | None], expected: dict[str, Any]) -> None:
    assert infer_column_type(header, texts, (), DIVISIONS).fields() == expected


digits = st.text(string.digits, min_size=1, max_size=1)
birthdays = st.dates(dt.date(1930, 1, 1), dt.date(2020, 1, 1))
headers = st.sampled_from(["证号", "编号", "对象", "其他", "id", "备案号"])


@st.composite
def cards(draw: st.DrawFn) -> str:
    first = f"441302{draw(birthdays):%Y%m%d}{draw(st.integers(0, 999)):03d}"
    return first + resident_id_check_digit(first)


@st.composite
def credit_codes(draw: st.DrawFn) -> str:
    plain = "".join(character for character in USCC_ALPHABET if character not in "IOZSV")
    inner = draw(st.text(plain, min_size=8, max_size=8))
    first = f"{draw(st.sampled_from(['51', '52', '91', '12']))}441300{inner}{organization_code_check_digit(inner)}"
    return first + uscc_check_digit(first)


mobiles = st.builds("1{}{:09d}".format, st.integers(3, 9), st.integers(0, 999_999_999))


@given(headers, st.lists(cards(), min_size=1, max_size=5))
@settings(deadline=None)
def test_identity_numbers_are_sensitive_under_any_header(header: str, values: list[str]) -> None:
    assert infer_column_type(header, values).pii is Pii.SENSITIVE


@given(headers, st.lists(mobiles, min_size=1, max_size=5))
@settings(deadline=None)
def test_mobile_numbers_are_personal_under_any_header(header: str, values: list[str]) -> None:
    assert infer_column_type(header, values).pii is Pii.PERSONAL


@given(headers, st.lists(credit_codes(), min_size=1, max_size=5))
@settings(deadline=None)
def test_credit_codes_are_no_personal_numbers(header: str, values: list[str]) -> None:
    assert infer_column_type(header, values).fields() == {"type": "uscc"}


@given(st.lists(cards(), min_size=1, max_size=4), st.integers(0, 3), st.integers(1, 9))
@settings(deadline=None)
def test_an_identity_number_with_a_wrong_digit_is_personal_all_the_same(values: list[str], place: int, shift: int) -> None:
    """A column of numbers of which one was mistyped is no column of codes: the others are persons."""
    place %= len(values)
    digit = str((int(values[place][16]) + shift) % 10)
    wrong = [*values, values[place][:16] + digit + values[place][17:]]
    found = infer_column_type("号", wrong)
    assert found.pii is not Pii.NONE and found.type == "text"


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=6), st.integers(1, 4))
def test_digits_with_zeros_before_them_are_text(numbers: list[int], zeros: int) -> None:
    values = [f"{number}" for number in numbers] + ["0" * zeros + "7"]
    assert infer_column_type("批次", values).type == "text"


@given(st.text(string.digits, min_size=16, max_size=19).filter(lambda text: not has_luhn_digit(text)))
def test_long_digits_are_no_quantity(text: str) -> None:
    assert infer_column_type("流水", ["1" + text[1:]]).type == "text"


def column(header: str, *samples: list[str | None], kind: InferredType | None = None) -> SampleColumn:
    texts = [value for sample in samples for value in sample]
    return SampleColumn(header, kind or infer_column_type(header, texts), tuple(tuple(sample) for sample in samples))


KEYS: list[tuple[str, list[SampleColumn], tuple[int, ...]]] = [
    ("a code before a name", [column("名称", ["甲", "乙"]), column("项目编号", ["B1", "B2"])], (1,)),
    ("no running number", [column("序号", ["1", "2"]), column("备注", ["a", "b"])], ()),
    ("no running number under another name", [column("编号", ["1", "2", "3"]), column("数量", ["3", "4", "5"])], ()),
    ("a code that does not count", [column("编号", ["4", "9", "2"]), column("数量", ["3", "4", "5"])], (0,)),
    ("no amount, though it is unique", [column("类别", ["a", "a"]), column("金额", ["3.5", "4"])], ()),
    ("two columns", [column("月份", ["2023-05", "2023-05", "2023-06"]), column("乡镇名", ["甲", "乙", "甲"])], (0, 1)),
    (
        "three columns",
        [
            column("月份", ["2023-05", "2023-05", "2023-05", "2023-06"]),
            column("乡镇名", ["甲", "乙", "甲", "甲"]),
            column("类别", ["x", "x", "y", "x"]),
        ],
        (0, 1, 2),
    ),
    ("no period alone", [column("月份", ["2023-05", "2023-06"]), column("金额", ["1", "2"])], ()),
    ("no person alone", [column("姓名", ["张三", "李四"]), column("金额", ["1", "2"])], ()),
    (
        "a person on a day",
        [column("姓名", ["张三", "李四", "张三"]), column("日期", ["2023-05-01", "2023-05-01", "2023-05-02"])],
        (0, 1),
    ),
    ("an identity number", [column("姓名", ["张三", "李四"]), column("证号", [CARD, OTHER_CARD])], (1,)),
    ("no column with a blank", [column("项目编号", ["B1", None]), column("名称", ["甲", "乙"])], (1,)),
]


@pytest.mark.parametrize(("columns", "key"), [case[1:] for case in KEYS], ids=[case[0] for case in KEYS])
def test_what_a_key_may_be(columns: list[SampleColumn], key: tuple[int, ...]) -> None:
    assert choose_key(columns).places == key


@given(st.integers(2, 30), st.sampled_from(["序号", "No.", "行次", "编号", "id"]))
def test_numbers_of_rows_are_never_a_key(count: int, header: str) -> None:
    ordinals = [str(number) for number in range(1, count + 1)]
    assert choose_key([column(header, ordinals), column("内容", [f"x{n}" for n in ordinals])]).places == ()
    assert choose_key([column(header, ordinals, ordinals), column("名称", ["x"] * (2 * count))]).places == ()


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.sampled_from("mn")), min_size=1, max_size=14))
def test_a_key_always_tells_the_rows_apart_and_is_not_larger_than_needed(rows: list[tuple[str, str, str]]) -> None:
    columns = [column(f"分类{number}", [row[number] for row in rows]) for number in range(3)]
    choice = choose_key(columns)
    if choice.places:
        assert len({tuple(row[place] for place in choice.places) for row in rows}) == len(rows)
    else:
        assert len(set(rows)) < len(rows)
        assert choice.repeated == len(rows) - len({tuple(row[place] for place in choice.nearest) for row in rows})


def test_choices_are_no_persons_codes_or_numbers() -> None:
    few = ["低保", "特困", "孤儿"] * 4
    assert choices_of(column("类别", list(few)), is_key=False) == ("低保", "特困", "孤儿")
    assert choices_of(column("类别", list(few)), is_key=True) == ()
    assert choices_of(column("经办人", list(few)), is_key=False) == ()
    assert choices_of(column("类别", ["13800138000", "a", "b"] * 4, kind=InferredType()), is_key=False) == ()
    assert choices_of(column("类别", [f"{n}类" for n in range(12)]), is_key=False) == ()
    assert choices_of(column("类别", few[:3]), is_key=False) == (), "three rows tell nothing"


def test_every_inferred_field_is_one_of_a_contract() -> None:
    names = {name for _, _, expected in VARIANTS for name in expected}
    fields = Report.model_json_schema()["$defs"]["Column"]["properties"]
    assert names <= set(fields)
