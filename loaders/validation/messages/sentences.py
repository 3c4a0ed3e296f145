"""The sentences that clerks read: what is wrong, what was found, what was expected, what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from loaders.contract import LocalizedText
from loaders.model import Severity
from loaders.validation.model.row_rule import NOT_NULL, UNIQUE


@dataclass(frozen=True, slots=True)
class MessageContext:
    """What there is to say of one row: `texts` stand under `headers`, as they may be shown; null for a blank cell.

    `reason` says what exactly is wrong with the first of them.
    """

    rule: str
    severity: Severity
    headers: Sequence[str]
    texts: Sequence[str | None]
    expected: LocalizedText
    is_sentence: bool = False
    kept: LocalizedText | None = None
    reason: LocalizedText | None = None

    @property
    def found(self) -> str | None:
        """The texts in one line; None when there is one cell and it is blank."""
        if len(self.texts) == 1:
            return self.texts[0]
        if self.rule == UNIQUE:
            return "、".join(text or "" for text in self.texts)
        return "；".join(f"{header}={text or ''}" for header, text in zip(self.headers, self.texts, strict=True))


def message(context: MessageContext) -> tuple[str, str]:
    """The sentence in Chinese and in English."""
    special = _SPECIAL.get(context.rule)
    if special is not None and not context.is_sentence:
        return special(context)
    return _sentence(context) if context.is_sentence else _value(context)


def _value(context: MessageContext) -> tuple[str, str]:
    header, text = context.headers[0], context.texts[0] or ""
    reason_zh, reason_en = (f"：{context.reason.zh}", f" ({context.reason.en})") if context.reason else ("", "")
    zh = f"“{header}”应为{context.expected.zh}，填的是“{text}”{reason_zh}。{_advice_zh(context)}"
    return zh, f'"{header}": expected {context.expected.en}, found "{text}"{reason_en}; {_advice_en(context)}'


def _sentence(context: MessageContext) -> tuple[str, str]:
    pairs = list(zip(context.headers, context.texts, strict=True))
    zh = "，".join(f"“{header}”填的是“{text}”" if text else f"“{header}”未填" for header, text in pairs)
    en = ", ".join(f'"{header}" is "{text}"' if text else f'"{header}" is blank' for header, text in pairs)
    return (
        f"{context.expected.zh}；{zh}。{_advice_zh(context)}",
        f"expected: {context.expected.en}; found: {en}; {_advice_en(context)}",
    )


def _missing(context: MessageContext) -> tuple[str, str]:
    header = context.headers[0]
    zh = f"“{header}”必填，不能为空。请补填后重新报送。"
    return zh, f'"{header}" is required and blank: fill it in and send the report again'


def _repeated(context: MessageContext) -> tuple[str, str]:
    headers, found = "、".join(context.headers), context.found
    zh_row, en_row = (context.kept.zh, context.kept.en) if context.kept else ("另一行", "another row")
    zh = (
        f"“{headers}”为“{found}”的记录与{zh_row}重复，同一份报表中只能有一行。"
        f"请删除多余的一行；如不是同一记录，请改正“{headers}”。"
    )
    return zh, f'"{headers}" is "{found}" here and in {en_row}; only one may stay: delete one of them, or correct "{headers}"'


def _number_in_text(context: MessageContext) -> tuple[str, str]:
    header, text = context.headers[0], context.texts[0]
    zh = f"“{header}”的文字中有个人号码，入库时已遮盖：“{text}”。请勿在此填写身份证号、电话或银行账号。"
    en = f'"{header}" holds a personal number, which was masked: "{text}"'
    return zh, f"{en}; do not write identity, phone or account numbers here"


def _number(context: MessageContext) -> tuple[str, str]:
    header, text = context.headers[0], context.texts[0]
    zh = f"“{header}”填的是身份证号或手机号（“{text}”），应为{context.expected.zh}。请改正后重新报送。"
    return zh, f'"{header}" holds an identity or mobile number ("{text}"), expected {context.expected.en}; {_advice_en(context)}'


def _leading_mark(context: MessageContext) -> tuple[str, str]:
    header, text = context.headers[0], context.texts[0]
    zh = f"“{header}”读作“{text}”，{context.expected.zh}。{_advice_zh(context)}"
    return zh, f'"{header}" is taken as "{text}": {context.expected.en}; {_advice_en(context)}'


def _advice_zh(context: MessageContext) -> str:
    return "请改正后重新报送。" if context.severity is Severity.ERROR else "本行已接收，请核对；如有误请更正。"


def _advice_en(context: MessageContext) -> str:
    if context.severity is Severity.ERROR:
        return "correct it and send the report again"
    return "the row was taken, please check it"


_SPECIAL: dict[str, Callable[[MessageContext], tuple[str, str]]] = {
    NOT_NULL: _missing,
    UNIQUE: _repeated,
    "personal_number_in_text": _number_in_text,
    "personal_number": _number,
    "leading_mark": _leading_mark,
}
