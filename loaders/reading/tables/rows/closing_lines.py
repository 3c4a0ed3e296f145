"""The words of the lines that close a document below its table: notes, offices, dates, signatures, page numbers, statements.

Words alone decide only where they are unmistakable. A date or an office's name may as well be the value of a row; where such a
line stands decides then (see `table_end`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum

from loaders.reading.tables.headers.header_text import exact_form
from loaders.reading.tables.rows.prose_totals import is_prose_total


class ClosingElement(StrEnum):
    """What one text of a closing line is."""

    NOTE = "note"
    STATEMENT = "statement"
    SENTENCE = "sentence"
    PAGE = "page"
    LABEL = "label"
    OFFICE = "office"
    DATE = "date"


_SIGNERS = (
    "(?:单位|部门|科室|统计|财务|分管|主要|主管)?(?:负责人|领导)|审核人?|审批人?|复核人?|核对人|批准人?|填表人|填报人|制表人?|报送人|报告人|"
    "经办人?|统计人员?|联系人|联系电话|电话|手机|邮箱|传真|填表日期|填报日期|填报时间|报出日期|报送日期|上报日期|制表日期|日期|"
    "填报单位|报送单位|制表单位|制表机关|盖章|单位盖章|公章|签章|签字|签名|打印时间|打印日期|打印人|导出时间|导出日期|制表时间|"
    "经手人|会计|出纳|监督人|验收人|领款人|(?:监督|举报|咨询)电话"
)
_SEALS = r"(?:\((?:盖章|公章|签章|印章|章|签字|签名)\))*"
_SIGNATURE = re.compile(rf"^(?:{_SIGNERS})(?:签字|签名|签章|盖章)?(?:\([^)]*\))*\s*:")
_BARE_LABEL = re.compile(rf"^(?:{_SIGNERS})?(?:签字|签名|签章|盖章|公章)?{_SEALS}$|^\([^)]*(?:盖章|公章|签章|签字|签名)\)$")
# 捐赠热线：0752-2800000; 公众号：惠州民政
_ANY_LABEL = re.compile(r"^[\u4e00-\u9fff()]{1,14}:")
_ISSUER = re.compile(
    r"(会|局|委|委员会|办|办公室|院|所|站|中心|科|部|处|厅|公司|集团|政府|街道|镇|乡|小组|专班|队|学校|妇联|残联|联社|机构)$"
)
_YEAR = "(?:(?:19|20)\\d{2}|[〇零○二][〇零○一二三四五六七八九]{3})"
_PART = "[\\d一二三四五六七八九十]{1,3}"
_DATE_LINE = re.compile(
    rf"^{_YEAR}[年.\-/]{_PART}[月.\-/]{_PART}[日号]?(?:\(?(?:星期|周)[一二三四五六日天]\)?)?(?:T?\d{{1,2}}:\d{{2}}(?::\d{{2}})?)?$"
)
# 二〇二三年七月; 2023年  月  日, which nobody filled in
_MONTH_LINE = re.compile(rf"^{_YEAR}年{_PART}月$|^(?:{_YEAR})?年(?:{_PART})?月(?:{_PART})?[日号]$")
_NOTE = re.compile(
    r"^\(?(?:注|说明|备注|填表说明|填报说明|填报要求|填表要求|注意|注意事项|附注|附件|附表|附|数据来源|资料来源|来源|注释|提示|温馨提示|"
    r"特别说明|统计口径|口径说明|指标解释|指标说明|审核关系|逻辑关系)\s*(?:\d{0,2})[:.、]"
)
_PAGE = re.compile(r"^(?:第\d+页.*|共\d+页|page\d+(?:(?:of|/)\d+)?|[-—]\d+[-—])$")
_STATEMENT = re.compile(
    r"^(?:以上|上述|本表).{0,12}(?:真实|属实|准确|无误|有效)|^(?:以上)?情况属实|^特此(?:说明|证明|报告|公示|公告|声明)|"
    r"^(?:我|本)(?:单位|机构|公司|局|站|会|人|镇|街道|社区).{0,16}(?:承诺|保证|声明|确认|负责)|"
    r"^[\-—=(]*(?:以下空白|以下无正文|此页无正文|本页无正文)[\-—=)]*$"
)
_NUMBERED = re.compile(r"^(?:\d{1,2}[.、)](?!\d)|\(\d{1,2}\)|[\u2460-\u2473])")
_WORDS = re.compile("[\u4e00-\u9fff]")


def element_of(text: str, *, spans_table: bool = False) -> ClosingElement | None:
    """What a text can be in a closing line; None when its words say nothing of the kind."""
    form = _form(text)
    if _NOTE.match(form):
        return ClosingElement.NOTE
    if _PAGE.match(form):
        return ClosingElement.PAGE
    if _STATEMENT.match(form) or is_prose_total([text]):
        return ClosingElement.STATEMENT
    if _DATE_LINE.match(form) or _MONTH_LINE.match(form):
        return ClosingElement.DATE
    if _SIGNATURE.match(form) or _BARE_LABEL.match(form) or _ANY_LABEL.match(form):
        return ClosingElement.LABEL
    if len(form) > 40 or (spans_table and len(form) > 15) or (text.endswith("。") and len(form) > 8):
        return ClosingElement.SENTENCE
    return ClosingElement.OFFICE if is_issuer(text) else None


def closing_elements(texts: Sequence[str], *, spans_table: bool = False) -> list[ClosingElement]:
    """What a row is made of when all of it can close a document; else nothing."""
    elements = list(_elements(texts, spans_table=spans_table))
    return [] if len(elements) < len(texts) else elements


def _elements(texts: Sequence[str], *, spans_table: bool) -> Iterator[ClosingElement]:
    """The pieces up to the first text that is none. What follows a label is its value."""
    before: ClosingElement | None = None
    for place, text in enumerate(texts):
        element = element_of(text, spans_table=spans_table)
        if element is None and before is ClosingElement.LABEL and _wants_value(texts[place - 1]):
            element = ClosingElement.STATEMENT
        if element is None and before is ClosingElement.NOTE:
            element = ClosingElement.SENTENCE
        if element is None:
            return
        before = element
        yield element


def _wants_value(label: str) -> bool:
    return label[-1:] in ":：" or _BARE_LABEL.match(_form(label)) is not None


def begins_with_signer(text: str) -> bool:
    """Whether a text is a label of the footer, with or without a colon (`制表人`, `审核人：李四`)."""
    form = _form(text)
    return _SIGNATURE.match(form) is not None or _BARE_LABEL.match(form) is not None


def is_unmistakable(texts: Sequence[str]) -> bool:
    """Whether a row that stands alone, at the left edge of its table, can be nothing but a closing line, wherever it stands."""
    if len(texts) > 2 or (len(texts) == 2 and not _wants_value(texts[0])):
        return False
    form = _form(texts[0])
    return any(words.match(form) for words in (_NOTE, _PAGE, _STATEMENT, _SIGNATURE))


def is_signed_by_several(texts: Sequence[str]) -> bool:
    """Whether a row is signed beyond doubt: it holds several labels of the footer, their values, and nothing else."""
    if len(texts) < 2 or not any(mark in texts[0] for mark in ":："):
        return False
    labels = [_SIGNATURE.match(_form(text)) is not None for text in texts]
    explained = (
        labeled or _wants_value(before) or element_of(text) in {ClosingElement.DATE, ClosingElement.OFFICE, ClosingElement.LABEL}
        for text, before, labeled in zip(texts, ["", *texts], labels, strict=False)
    )
    return labels[0] and sum(labels) > 1 and all(explained)


def is_signature(texts: Sequence[str]) -> bool:
    """Whether a row is signed: it begins with a label of the footer, or is a date."""
    return bool(texts) and (
        _SIGNATURE.match(_form(texts[0])) is not None or (len(texts) <= 2 and all(is_date_line(text) for text in texts))
    )


def is_prose(texts: Sequence[str]) -> bool:
    """Whether a row is a remark: begins as one, or is one long text."""
    return _NOTE.match(_form(texts[0])) is not None or is_prose_total(texts) or (len(texts) == 1 and len(_form(texts[0])) > 40)


def continues_note(text: str) -> bool:
    """Whether a text can be the next line of a note: numbered, or words of some length."""
    form = exact_form(text)
    return _WORDS.search(form) is not None and (_NUMBERED.match(text.strip()) is not None or len(form) > 12)


def office_kind(text: str) -> str | None:
    """The word in which the name of an office, a company or another body ends (`惠城区民政局`: 局)."""
    bare = re.sub(rf"{_SEALS}(?:{_YEAR}年{_PART}月{_PART}[日号])?$", "", exact_form(text))
    match = _ISSUER.search(bare) if 2 < len(bare) <= 30 else None
    return match[1] if match else None


def is_issuer(text: str) -> bool:
    """Whether a text alone in its row can be the office that signs below a table."""
    return office_kind(text) is not None


def is_date_line(text: str) -> bool:
    """Whether a text is a day and nothing else."""
    return _DATE_LINE.match(exact_form(text)) is not None


def pattern_of(text: str) -> tuple[str, ...] | None:
    """How a value looks, as far as closing lines look the same: a column that holds others like it may hold this one too."""
    element = element_of(text)
    if element is ClosingElement.OFFICE:
        return (element, office_kind(text) or "")
    if element is ClosingElement.LABEL:
        return (element, _form(text).partition(":")[0])
    if element is ClosingElement.DATE:
        return (element, re.sub(r"[\d〇零○一二三四五六七八九十]+", "9", text))
    return None if element is None else (element,)


def _form(text: str) -> str:
    """The exact form of a text, with the colon at its end, which says that it is a label."""
    form = exact_form(text)
    return form + ":" if text[-1:] in ":：" else form
