"""Header text: normal forms for the comparison of printed headers with the contract's, and units in headers."""

from __future__ import annotations

import re
from functools import lru_cache

from loaders.characters.footnote_marks import SUPERSCRIPT_DIGITS, expand_unit_powers, nfkc, nfkc_keeping_marks

_MARK = f"[①-⑳⓪-⓿㉑-㉟㊱-㊿❶-➓{SUPERSCRIPT_DIGITS}]"
# `金额①`, `金额*`, `金额（注¹）`
_FOOTNOTE_MARKS = re.compile(rf"[(（]?注{_MARK}[)）]?|{_MARK}|[*＊※★▲†‡§]|[⑴-⒇㈠-㈩⒜-⒵]+(?=\s*\Z)")
# `金额[1]`, `金额(注1)`
_FOOTNOTE_REFERENCES = re.compile(r"\[\d{1,2}\]|\(?注\d{1,2}\)?$")
_BLANKS = re.compile(r"[\s\u200b-\u200f\u2028-\u202e\u2060\ufeff\x00]+")
# `(万元)`, `【必填】`
_BRACKETS = re.compile(r"[(\[{【〔<]([^()\[\]{}【】〔〕<>]*)[)\]}】〕>]")
_EDGE_MARKS = "::;,、。.·"
# `必填`, `请填写全称`
_NOTES = re.compile(
    r"必填|选填|必录|可不填|盖章|公章|签字|签章|下拉选择|自动生成|请.*|见.*|如.*|格式.*|填.*|含.*|不含.*|可多选|单选|文本"
)
# `是/否`, `强/中/弱`
_CHOICES = re.compile(r"[^/、]{1,12}(?:[/、][^/、]{1,12})+")
# `万元`, `单位:人次`, `元/月`
_UNIT = re.compile(
    r"(?:计量)?(?:单位:?)?"
    r"((?:百万|千万|十万|万|千|百|亿)?"
    r"(?:美元|港元|港币|欧元|日元|元|人民币|人次|人天|人|户次|户|个|家|所|件|次|场|例|篇|批|份|台|套|张|辆|盒|箱|餐|桌|间|处|条|名|位|对|亩|公顷|平方公里|平方千米|平方米|立方米|㎡|m2|m3|km2|"
    r"公里|千米|km|米|m|公斤|千克|kg|吨|克|斤|升|小时|时|分钟|分|天|日|月|年|岁|周岁|%|‰|百分比|百分点|只|支|瓶|床|张|项|宗|座|队|支|元/人|元/月|元/人月))"
)


@lru_cache(maxsize=50_000)
def exact_form(text: str) -> str:
    """Applies NFKC and removes blanks, line breaks, stars and footnote marks. Brackets and powers of units (`m²`) stay."""
    bare = _FOOTNOTE_MARKS.sub("", expand_unit_powers(text))
    bare = _BLANKS.sub("", nfkc(bare)).casefold()
    bare = _FOOTNOTE_REFERENCES.sub("", bare)
    return bare.strip(_EDGE_MARKS)


def form_with_footnote_marks(text: str) -> str:
    """Returns the form that distinguishes headers with different footnote marks (`支出①`, `支出②`)."""
    return _BLANKS.sub("", nfkc_keeping_marks(text)).casefold().strip(_EDGE_MARKS)


@lru_cache(maxsize=50_000)
def loose_form(text: str) -> str:
    """Returns the exact form without brackets that contain a unit or an instruction."""
    return _BRACKETS.sub(_drop_unit_or_note, exact_form(text)).strip(_EDGE_MARKS) or exact_form(text)


def _drop_unit_or_note(match: re.Match[str]) -> str:
    inside = match[1]
    dropped = not inside or all(_UNIT.fullmatch(part) for part in re.split("[、,/;]", inside)) or _NOTES.fullmatch(inside)
    return "" if dropped else match[0]


@lru_cache(maxsize=50_000)
def unit_of_header(text: str) -> str | None:
    """Returns the unit that a header carries in brackets (`折算金额（万元）`); None without one."""
    for match in _BRACKETS.finditer(exact_form(text)):
        unit = _UNIT.fullmatch(match[1])
        if unit:
            return unit[1]
    return None


@lru_cache(maxsize=50_000)
def is_unit(text: str) -> bool:
    """Checks whether a text is only a unit (`亿元`, `个`, `(万元)`)."""
    bare = exact_form(text)
    bracketed = _BRACKETS.fullmatch(bare)
    return _UNIT.fullmatch(bracketed[1] if bracketed else bare) is not None


@lru_cache(maxsize=50_000)
def is_qualifier(text: str) -> bool:
    """Checks whether the lowest word of a header only instructs how to fill the column: a unit, a note, choices (`强/弱`)."""
    bare = exact_form(text)
    return is_unit(bare) or _NOTES.fullmatch(bare.strip("()")) is not None or _CHOICES.fullmatch(bare) is not None
