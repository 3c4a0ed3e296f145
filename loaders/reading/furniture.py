"""What a row of a sheet is when it is not data: blank, total, signature, prose, group row, letter codes, repeated header.

Nothing is dropped without a kind. A row that fills the required columns is data whatever else it looks like, unless it calls
itself a total; when in doubt a row is data, and the rules judge it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from loaders.reading.headers import exact_form
from loaders.reading.sheets import Cell


class Kind(StrEnum):
    """The kinds of rows that are counted as furniture."""

    TITLE = "title"
    BLANK = "blank"
    HEADER = "header"
    LETTER_CODES = "letter_codes"
    PROSE = "prose"
    SUBTOTAL = "subtotal"
    TOTAL = "total"
    GROUP = "group_row"
    SIGNATURE = "signature"
    CONTINUATION = "continuation"
    FORM_LINE = "form_line"
    OTHER_TABLE = "other_table"
    OTHER_SHEET = "other_sheet"


_SIGNERS = (
    "(?:单位|部门|科室|统计|财务|分管|主要|主管)?(?:负责人|领导)|审核人?|审批人?|复核人?|核对人|批准人?|填表人|填报人|制表人?|报送人|报告人|"
    "经办人?|统计人员?|联系人|联系电话|电话|手机|邮箱|传真|填表日期|填报日期|填报时间|报出日期|报送日期|上报日期|制表日期|日期|"
    "填报单位|报送单位|制表单位|制表机关|盖章|单位盖章|公章|签章|签字|签名"
)
_SIGNATURE = re.compile(rf"^(?:{_SIGNERS})(?:签字|签名|签章|盖章)?(?:\([^)]*\))*\s*:")
_ISSUER = re.compile(r"(?:会|局|委|委员会|办|办公室|院|所|站|中心|科|部|处|厅|公司|集团|政府|街道|镇|乡)$")
_DATE_LINE = re.compile(
    r"^(?:(?:19|20)\d{2}|[〇零○二][〇零○一二三四五六七八九]{3})[年.\-/][\d一二三四五六七八九十]{1,3}[月.\-/][\d一二三四五六七八九十]{1,3}日?$"
)
_PROSE = re.compile(r"^(?:注|说明|备注|填表说明|填报说明|注意|附注|数据来源|资料来源|来源|注释|提示)\s*(?:\d{0,2})[:.、]")
_LEVELS = (
    re.compile(r"^[一二三四五六七八九十]{1,3}(?:[、.]|$)"),
    re.compile(r"^\([一二三四五六七八九十]{1,3}\)"),
    re.compile(r"^\d{1,2}[、.](?!\d)"),
)
_COUNTED_GROUP = re.compile(r"^(?P<name>.+?)\((?:共|计|合计)?(?P<count>\d+)(?:所|家|个|名|人|条|项|户|处|间|场|次)\)$")
_CLAIM = re.compile(
    r"^(?:以上|本表|本次|本期|本月)?(?:共计|共有|总共|合计|总计|共)(?P<count>\d+)(?:所|家|个|名|位|人|条|项|户|处|间|笔|件)"
)
_LETTER = re.compile(r"^\(?(?:[A-Za-z]{1,2}|[甲乙丙丁戊己庚辛壬癸])\)?$")
_CODE = re.compile(r"^\(?\d{1,3}\)?(?:=.*)?$")


def is_total(label: str, words: tuple[str, ...]) -> bool:
    """Whether a row's label calls the row a total: one of the words, alone or after a place (`惠城区小计`)."""
    bare = re.sub(r"\([^)]*\)$", "", exact_form(label))
    return any(bare.endswith(word) and len(bare) <= len(word) + 10 for word in (exact_form(word) for word in words))


def is_subtotal(label: str) -> bool:
    """Whether a total is one of a part."""
    return "小计" in exact_form(label) or "其中" in exact_form(label)


def is_signature(texts: list[str]) -> bool:
    """Whether a row is signed: every text is a label of the footer, or follows one."""
    forms = [exact_form(text) if text[-1:] not in ":：" else exact_form(text) + ":" for text in texts]
    return bool(forms) and (
        bool(_SIGNATURE.match(forms[0])) or (len(forms) <= 2 and all(_DATE_LINE.match(form) for form in forms))
    )


def is_signed_by_several(texts: list[str]) -> bool:
    """Whether a row is signed beyond doubt: it begins with a label of the footer, and holds another."""
    if len(texts) < 2 or not any(mark in texts[0] for mark in ":："):
        return False
    labels = [_SIGNATURE.match(exact_form(text) + ":" if text[-1:] in ":：" else exact_form(text)) for text in texts]
    return labels[0] is not None and sum(label is not None for label in labels) > 1


def is_prose(texts: list[str], *, spans_table: bool) -> bool:
    """Whether a row is a remark: begins as one, or is one long text across the table."""
    first = exact_form(texts[0])
    if _PROSE.match(first) or (len(texts) == 1 and _CLAIM.match(first)):
        return True
    return len(texts) == 1 and (len(first) > 40 or (spans_table and len(first) > 15))


def group_count(label: str) -> int | None:
    """The number of rows that a group row claims (`北京市（92所）`), if it claims one."""
    match = _COUNTED_GROUP.match(exact_form(label))
    return int(match["count"]) if match else None


def claimed_count(text: str) -> int | None:
    """The number of rows that a closing line claims (`共746名爱心人士`), if it claims one."""
    match = _CLAIM.match(exact_form(text))
    return int(match["count"]) if match else group_count(text)


def group_level(label: str) -> int | None:
    """How deep a numbered group lies: 1 for `一、`, 2 for `（一）`, 3 for `1.`; None for a label without such a number."""
    form = exact_form(label)
    return next((level for level, pattern in enumerate(_LEVELS, start=1) if pattern.match(form)), None)


def is_issuer(text: str) -> bool:
    """Whether a text alone in its row can be the office that signs below a table."""
    form = exact_form(text)
    return 2 < len(form) <= 30 and _ISSUER.search(form) is not None


def is_date_line(text: str) -> bool:
    """Whether a text is a day and nothing else."""
    return _DATE_LINE.match(exact_form(text)) is not None


def is_letter_codes(cells: Mapping[int, Cell]) -> bool:
    """Whether a row below the header names the columns by letters or by running numbers."""
    texts = [exact_form(cells[column].text) for column in sorted(cells) if cells[column].text]
    if len(texts) < 3:
        return False
    lettered = [text for text in texts if _LETTER.match(text)]
    numbered = [int(re.sub(r"\D.*", "", text.lstrip("("))) for text in texts if _CODE.match(text)]
    if len(lettered) + len(numbered) + sum(text in {"栏次", "序号", "—", "-", "行次"} for text in texts) < len(texts):
        return False
    if not numbered:
        return len(set(lettered)) == len(lettered)
    return len(numbered) >= 3 and numbered == list(range(numbered[0], numbered[0] + len(numbered))) and numbered[0] in {0, 1}
