"""The sentences that clerks read: what is wrong, what was found, what was expected, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loaders.contract import LocalizedText
from loaders.messages import Parameter, join_texts, phrase
from loaders.model import Severity
from loaders.validation.model.row_rule import UNIQUE


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


def message_of(context: MessageContext) -> tuple[str, dict[str, Parameter]]:
    """The code of the message about a row, and its parameters."""
    if context.is_sentence:
        code = "contract_rule" if context.severity is Severity.ERROR else "contract_rule.warning"
        return code, {"wanted": context.expected, "values": _values(context)}
    if context.rule == UNIQUE:
        return context.rule, {
            "headers": "、".join(context.headers),
            "other_row": context.kept or phrase("row.another"),
            "text": str(context.found),
        }
    parameters: dict[str, Parameter] = {"header": context.headers[0], "text": context.texts[0] or "", "wanted": context.expected}
    if context.reason is not None:
        parameters["reason"] = context.reason
    return _VARIANTS.get(context.rule, context.rule), parameters


def _values(context: MessageContext) -> LocalizedText:
    """What stands in each column that a rule is about."""
    pairs = zip(context.headers, context.texts, strict=True)
    return join_texts(
        (
            phrase("value.found", header=header, text=text) if text else phrase("value.blank", header=header)
            for header, text in pairs
        ),
        zh="，",
    )


# Reading tells these of cells; here they are about texts.
_VARIANTS = {"error_cell": "error_cell.text", "damaged_number": "damaged_number.text"}
