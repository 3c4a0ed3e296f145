"""What is expected of a column, in the words that the check would use and those of the contract's rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loaders.contract import ColumnType, LocalizedText
from loaders.messages import phrase
from loaders.template.choice_lists import choices_of
from loaders.template.column_limits import decimal_places
from loaders.template.request import TemplateColumn, TemplateRequest
from loaders.validation.model.row_rule import PERIOD_TYPES, RowRule
from loaders.validation.model.type_descriptions import describe_type


@dataclass(frozen=True, slots=True)
class ColumnNote:
    """`expected` is what a value must be; `text` adds, line by line, whether there must be one, and how it goes with others."""

    expected: str
    text: str


def column_note(request: TemplateRequest, printed: TemplateColumn) -> ColumnNote:
    """Writes the note of one column in the language of the request."""
    own = [getattr(text, request.lang) for text in _of_value(request, printed)]
    lines = [*own, *(getattr(text, request.lang) for text in _of_rules(request, printed))]
    return ColumnNote(_joined(own[:1], request, printed), "\n".join(dict.fromkeys(lines)))


def _joined(own: list[str], request: TemplateRequest, printed: TemplateColumn) -> str:
    """The type, and the sentences of the rules that a single cell can break."""
    single = [rule for rule in request.rules if rule.columns[0] == printed.name and rule.is_declared and not rule.where]
    return "\n".join(dict.fromkeys([*own, *(getattr(_words(request, rule), request.lang) for rule in single)]))


def _of_value(request: TemplateRequest, printed: TemplateColumn) -> Iterator[LocalizedText]:
    column = printed.column
    if printed.unit is not None:
        yield phrase(f"expected.{column.type}_unit", unit=printed.unit)
    elif column.type in PERIOD_TYPES and (periods := choices_of(request, column)):
        yield phrase("template.period_value", expected=describe_type(column), period="、".join(map(str, periods)))
    else:
        yield describe_type(column)
    if column.type is ColumnType.DECIMAL:
        yield phrase("template.decimals", places=decimal_places(printed))
    if column.meaning is not None:
        yield phrase("template.meaning", meaning=column.meaning)


def _of_rules(request: TemplateRequest, printed: TemplateColumn) -> Iterator[LocalizedText]:
    for rule in request.rules:
        if printed.name in rule.columns:
            yield _words(request, rule)


def _words(request: TemplateRequest, rule: RowRule) -> LocalizedText:
    if rule.names_period and request.period is not None:
        return phrase("expected.in_period", expected=rule.expected, period=str(request.period))
    return rule.expected
