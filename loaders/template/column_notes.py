"""What is expected of a column, in the words that the check would use and those of the contract's rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loaders.contract import ColumnType, LocalizedText
from loaders.messages import phrase
from loaders.template.choice_lists import choices_of, is_enforced
from loaders.template.column_limits import decimal_places
from loaders.template.request import TemplateColumn, TemplateRequest
from loaders.validation.model.row_rule import NOT_NULL, PERIOD_TYPES, UNIQUE, RowRule
from loaders.validation.model.type_descriptions import describe_type


@dataclass(frozen=True, slots=True)
class ColumnNote:
    """`expected` is what a cell refuses otherwise; `text` says besides whether a value is required, and all other rules."""

    expected: str
    text: str


def column_note(request: TemplateRequest, printed: TemplateColumn) -> ColumnNote:
    """Writes the note of one column in the language of the request."""
    own = [getattr(text, request.lang) for text in _of_value(request, printed)]
    rules = [rule for rule in request.rules if printed.name in rule.columns]
    refused = [_words(request, rule) for rule in rules if is_enforced(rule) and rule.expect not in {NOT_NULL, UNIQUE}]
    if printed.name in request.withheld:
        own.append(getattr(phrase("template.not_kept"), request.lang))
    lines = [*own, *(getattr(_words(request, rule), request.lang) for rule in rules)]
    expected = [*own[:1], *(getattr(text, request.lang) for text in refused)]
    return ColumnNote("\n".join(dict.fromkeys(expected)), "\n".join(dict.fromkeys(lines)))


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


def _words(request: TemplateRequest, rule: RowRule) -> LocalizedText:
    if rule.names_period and request.period is not None:
        return phrase("expected.in_period", expected=rule.expected, period=str(request.period))
    return rule.expected
