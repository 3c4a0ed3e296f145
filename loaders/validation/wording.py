"""The sentences that clerks read: what is wrong, what was found, what was expected, what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from loaders.contract import Words
from loaders.table import Severity
from loaders.validation.row_rule import NOT_NULL, UNIQUE


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to say of one row: `texts` stand under `headers`, as they may be shown; null for a blank cell.

    `reason` says what exactly is wrong with the first of them.
    """

    rule: str
    severity: Severity
    headers: Sequence[str]
    texts: Sequence[str | None]
    expected: Words
    is_sentence: bool = False
    stays: Words | None = None
    reason: Words | None = None

    @property
    def found(self) -> str | None:
        """The texts in one line; None when there is one cell and it is blank."""
        if len(self.texts) == 1:
            return self.texts[0]
        if self.rule == UNIQUE:
            return "、".join(text or "" for text in self.texts)
        return "；".join(f"{header}={text or ''}" for header, text in zip(self.headers, self.texts, strict=True))


def message(told: Told) -> tuple[str, str]:
    """The sentence in Chinese and in English."""
    special = _SPECIAL.get(told.rule)
    if special is not None and not told.is_sentence:
        return special(told)
    return _sentence(told) if told.is_sentence else _value(told)


def _value(told: Told) -> tuple[str, str]:
    header, text = told.headers[0], told.texts[0] or ""
    reason_zh, reason_en = (f"：{told.reason.zh}", f" ({told.reason.en})") if told.reason else ("", "")
    zh = f"“{header}”应为{told.expected.zh}，填的是“{text}”{reason_zh}。{_to_do_zh(told)}"
    return zh, f'"{header}": expected {told.expected.en}, found "{text}"{reason_en}; {_to_do_en(told)}'


def _sentence(told: Told) -> tuple[str, str]:
    pairs = list(zip(told.headers, told.texts, strict=True))
    zh = "，".join(f"“{header}”填的是“{text}”" if text else f"“{header}”未填" for header, text in pairs)
    en = ", ".join(f'"{header}" is "{text}"' if text else f'"{header}" is blank' for header, text in pairs)
    return f"{told.expected.zh}；{zh}。{_to_do_zh(told)}", f"expected: {told.expected.en}; found: {en}; {_to_do_en(told)}"


def _missing(told: Told) -> tuple[str, str]:
    header = told.headers[0]
    zh = f"“{header}”必填，不能为空。请补填后重新报送。"
    return zh, f'"{header}" is required and blank: fill it in and send the report again'


def _repeated(told: Told) -> tuple[str, str]:
    headers, found = "、".join(told.headers), told.found
    zh_row, en_row = (told.stays.zh, told.stays.en) if told.stays else ("另一行", "another row")
    zh = (
        f"“{headers}”为“{found}”的记录与{zh_row}重复，同一份报表中只能有一行。"
        f"请删除多余的一行；如不是同一记录，请改正“{headers}”。"
    )
    return zh, f'"{headers}" is "{found}" here and in {en_row}; only one may stay: delete one of them, or correct "{headers}"'


def _number_in_text(told: Told) -> tuple[str, str]:
    header, text = told.headers[0], told.texts[0]
    zh = f"“{header}”的文字中有个人号码，入库时已遮盖：“{text}”。请勿在此填写身份证号、电话或银行账号。"
    en = f'"{header}" holds a personal number, which was masked: "{text}"'
    return zh, f"{en}; do not write identity, phone or account numbers here"


def _number(told: Told) -> tuple[str, str]:
    header, text = told.headers[0], told.texts[0]
    zh = f"“{header}”填的是身份证号或手机号（“{text}”），应为{told.expected.zh}。请改正后重新报送。"
    return zh, f'"{header}" holds an identity or mobile number ("{text}"), expected {told.expected.en}; {_to_do_en(told)}'


def _leading_mark(told: Told) -> tuple[str, str]:
    header, text = told.headers[0], told.texts[0]
    zh = f"“{header}”读作“{text}”，{told.expected.zh}。{_to_do_zh(told)}"
    return zh, f'"{header}" is taken as "{text}": {told.expected.en}; {_to_do_en(told)}'


def _to_do_zh(told: Told) -> str:
    return "请改正后重新报送。" if told.severity is Severity.ERROR else "本行已接收，请核对；如有误请更正。"


def _to_do_en(told: Told) -> str:
    if told.severity is Severity.ERROR:
        return "correct it and send the report again"
    return "the row was taken, please check it"


_SPECIAL: dict[str, Callable[[Told], tuple[str, str]]] = {
    NOT_NULL: _missing,
    UNIQUE: _repeated,
    "personal_number_in_text": _number_in_text,
    "personal_number": _number,
    "leading_mark": _leading_mark,
}
