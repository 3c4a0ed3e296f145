"""Damaged texts are known, with what was meant where that can be computed; sound ones never are."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.characters.garbled_text import SUSPICIOUS, GarbledText, GarblingKind, detect_garbled_text

_SUSPICIOUS = re.compile(SUSPICIOUS)
SEEDS = Path(__file__).parents[3] / "dbt_project" / "seeds"
MEANT = [
    *("惠州", "惠州市民政局", "张三", "欧阳修远", "项目A1号楼", "阿依古丽·买买提"),
    *("“阳光”行动", "已回访，情况良好。", "2023年度总结"),
]
COMMON = bytes(
    byte for lead in range(0xB0, 0xD8) for trail in range(0xA1, 0xFF if lead < 0xD7 else 0xFA) for byte in (lead, trail)
).decode("gb2312")


def found(text: str) -> GarbledText | None:
    """What the columns of a report would be told: the quick look first."""
    return detect_garbled_text(text) if _SUSPICIOUS.search(text) else None


@pytest.mark.parametrize("meant", MEANT)
@pytest.mark.parametrize("codec", ["gb18030", "latin-1", "cp1252"])
def test_utf8_that_was_read_in_another_encoding(meant: str, codec: str) -> None:
    garbled = meant.encode().decode(codec, errors="replace")
    garbling = found(garbled)
    assert garbling is not None, garbled
    assert garbling.kind in {GarblingKind.WRONG_ENCODING, GarblingKind.PRIVATE_USE}
    if "\\ufffd" not in garbled and garbling.kind is GarblingKind.WRONG_ENCODING:
        assert garbling.likely_original == meant or "…" in str(garbling.likely_original)


@pytest.mark.parametrize(
    ("garbled", "likely_original"),
    [
        ("鎯犲窞", "惠州"),
        ("寮犱笁", "张三"),
        ("鎯犲窞甯\ufffd", "惠州…"),
        ("鎯犲窞甯傛皯鏀垮眬2023骞村害鎬荤粨", "惠州市民政局2023年度总结"),
        ("ä¸\xadæ", "中…"),
        ("æƒ\xa0å·ž", "惠州"),
        ("»ÝÖÝ", "惠州"),
        ("»ÝÖÝÊÐÃñÕþ¾Ö", "惠州市民政局"),
        ("阿依古丽Â·买买提", "阿依古丽·买买提"),
        ("caf\xc3\xa9", "café"),
    ],
)
def test_what_is_meant_is_computed(garbled: str, likely_original: str) -> None:
    assert found(garbled) == GarbledText(GarblingKind.WRONG_ENCODING, garbled, likely_original)


@pytest.mark.parametrize("text", ["锟斤拷", "惠州锟斤拷", "张\ufffd", "????", "??", "???", "地址????", "烫烫烫烫"])
def test_characters_that_were_lost(text: str) -> None:
    garbling = found(text)
    assert garbling is not None
    assert garbling.kind is GarblingKind.LOST_CHARACTERS


@pytest.mark.parametrize(
    ("text", "likely_original"),
    [
        ("惠\ue78d州", "惠︐州"),
        ("\ue81e", "龴"),
        ("\uf0fc", "✓"),
        ("张\ue001", None),
        ("张\U000f0001", None),
        ("张\U0010abcd", None),
    ],
)
def test_private_characters(text: str, likely_original: str | None) -> None:
    garbling = found(text)
    assert garbling is not None
    assert (garbling.kind, garbling.likely_original) == (GarblingKind.PRIVATE_USE, likely_original)


SOUND = [
    *("惠州市", "李喆", "堃珺瑄", "玥玥", "联通", "娟红", "镕基", "繁體中文測試", "龘靐齉", "㐂㐱", "𠮷野家", "一〇二"),
    *("ひらがな カタカナ", "한글", "Московский", "Ελληνικά", "naïve Müller", "São Paulo", "Ångström", "ﬁ ﬂ", "Ⅳ级", "ａｂｃ"),
    *("某××公司", "××××", "····", "±±±±", "5°C±0.5°", "§1、§2", "①②③", "★★★★", "……——", "“”‘’", "℃㎡㈱", "→←↑↓"),
    *("□■☑", "😀👍", "½ ¼ ¾", "¥100", "©®™", "café”…", "é’—", "真的吗???", "为什么?", "什么??好", "？？？？", "A?B"),
    *("http://a.cn/?a=1&b=2", "阿依古丽·买买提", "让-雅克•卢梭", "ABC-123"),
]


@pytest.mark.parametrize("text", SOUND)
def test_sound_texts_are_sound(text: str) -> None:
    assert found(text) is None


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from(COMMON), max_size=12))
def test_whatever_common_characters_stand_together_they_are_sound(text: str) -> None:
    assert found(text) is None


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("惠州市民政局社会工作站探访记录张三李四年月日"), min_size=2, max_size=12))
def test_any_text_that_is_misread_is_found(meant: str) -> None:
    garbled = meant.encode().decode("latin-1")
    garbling = found(garbled)
    assert garbling is not None
    assert garbling.likely_original == meant
    misread = found(meant.encode().decode("gb18030", errors="replace"))
    assert misread is not None, meant


def names() -> Iterator[str]:
    """Every name of the project's own lists: towns, villages, indicators."""
    for path in SEEDS.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            yield from {text for row in csv.reader(file) for text in row}


def test_no_name_of_the_lists_is_taken_for_damaged() -> None:
    assert [text for text in names() if found(text)] == []
