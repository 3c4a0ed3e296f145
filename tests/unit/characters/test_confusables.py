"""Writings of one name have one form; names that differ keep two."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.characters.confusables import DOTS, HYPHENS, comparison_form, normalize_characters, sql_translate_arguments
from loaders.identifiers import normalize_division_code, normalize_identifier, normalize_name, normalize_phone


@pytest.mark.parametrize("dot", [*DOTS, "\u0387", " · ", "\u3000・", "•\u200b", "\uff65"])
def test_every_dot_of_a_name_is_one_dot(dot: str) -> None:
    assert normalize_name(f"阿依古丽{dot}买买提") == "阿依古丽·买买提"


@pytest.mark.parametrize("hyphen", [*HYPHENS])
def test_every_hyphen_is_one_hyphen(hyphen: str) -> None:
    assert normalize_name(f"让{hyphen}雅克") == "让-雅克"
    assert normalize_division_code(f"HZ{hyphen}ZK") == "HZ-ZK"
    assert normalize_phone(f"138{hyphen}0013{hyphen}8000") == "13800138000"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("惠州市民政局", "惠州市⺠政局"),
        ("长宁镇", "⻓宁镇"),
        ("一心社", "⼀心社"),
        ("金山", "\uf90aﾠ山".replace("ﾠ", "")),
        ("ABC社", "ａｂｃ 社"),
        ("甲（乙）", "甲[乙]"),
        ("甲（乙）", "甲【乙】"),
        ("甲（乙）", "甲〔乙〕"),
        ("“阳光”队", "「阳光」队"),
        ("“阳光”队", '"阳光"队'),
        ("张〇明", "张○明"),
        ("葛\U000e0100城", "葛城"),
        ("张 三", "张\u3000三"),
        ("'张三", "张三"),
    ],
)
def test_look_alikes_share_one_form(one: str, other: str) -> None:
    assert normalize_name(one) == normalize_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("王·伟", "王伟"),
        ("张零", "张〇"),
        ("一", "-"),
        ("O1", "01"),
        ("l1", "11"),
        ("张三", "张叁"),
        ("张三、李四", "张三·李四"),
        ("己", "已"),
        ("甲（乙）", "甲乙"),
        ("王伟", "王玮"),
    ],
)
def test_different_names_stay_different(one: str, other: str) -> None:
    assert normalize_name(one) != normalize_name(other)


@given(st.text(max_size=12))
def test_a_form_is_its_own_form(text: str) -> None:
    assert comparison_form(comparison_form(text)) == comparison_form(text)
    assert normalize_characters(normalize_characters(text)) == normalize_characters(text)


@given(st.text(st.sampled_from("张三李四王伟阿提AB12"), max_size=8))
def test_plain_names_keep_the_form_by_which_they_were_hashed(name: str) -> None:
    assert normalize_name(name) == normalize_identifier(name) == unicodedata.normalize("NFKC", name)


def test_the_warehouse_is_reported_the_same_look_alikes() -> None:
    unlike, plain = sql_translate_arguments()
    assert len(unlike) == len(plain)
    table = str.maketrans(unlike, plain)
    for one, other in (("阿•买", "阿・买"), ("甲【乙】", "甲（乙）"), ("a–b", "a-b"), ("⺠", "民")):
        assert unicodedata.normalize("NFKC", one).translate(table) == unicodedata.normalize("NFKC", other).translate(table)
