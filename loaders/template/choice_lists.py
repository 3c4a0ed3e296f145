"""Drop-downs: the values of a column where it has a closed list of them."""

from __future__ import annotations

from collections.abc import Iterator

from loaders.contract import Column, ColumnType
from loaders.divisions import Divisions
from loaders.model import Severity
from loaders.period import Period, PeriodKind
from loaders.template.request import TemplateRequest
from loaders.validation.model.row_rule import PERIOD_TYPES, RowRule
from loaders.validation.rules.kinds import document_period, in_set

Choice = str | int
_TRUTH = ("是", "否")


def choices_of(request: TemplateRequest, column: Column) -> tuple[Choice, ...]:
    """The values that a cell may have; empty where there is no list of them."""
    allowed = _allowed_by_rules(request, column)
    if column.type is ColumnType.CHOICE:
        return tuple(choice for choice in column.choices if allowed is None or choice in allowed)
    if column.type is ColumnType.BOOLEAN:
        return _TRUTH
    if column.type in PERIOD_TYPES:
        return tuple(_periods(request, column))
    if column.known_in is not None:
        return tuple(dict.fromkeys(_divisions(request, column.known_in)))
    return tuple(allowed) if allowed is not None and column.type in {ColumnType.TEXT, ColumnType.INTEGER} else ()


def divisions_within(divisions: Divisions, list_name: str, unit: str | None, period: Period | None) -> Iterator[tuple[str, str]]:
    """Yields code and name of the divisions of a list that existed in the period and lie in the unit, in the list's order.

    A unit that is no division, such as a fund, sees all of them.
    """
    listed = [(division.code, division.name) for division in divisions.in_list(list_name)]
    history = divisions.history
    if period is not None and history.all:
        former = [
            (spell.code, spell.name)
            for spell in history.all
            if spell.level in divisions.levels_of_list(list_name)
            and spell.first_day <= period.end
            and spell.last_day >= period.start
            and spell.name
        ]
        known = [one for one in listed if one[0] not in history.by_code or history.existed(one[0], period.start, period.end)]
        listed = [*known, *former]
    has_place = unit is not None and divisions.code_of(unit) is not None
    for code, name in listed:
        if not has_place or unit is None or divisions.is_same_or_nested(unit, code):
            yield code, name


def is_enforced(rule: RowRule) -> bool:
    """Whether a rule holds for each row and rejects it, so that a cell may refuse what breaks it."""
    return rule.severity is Severity.ERROR and not rule.where


def _allowed_by_rules(request: TemplateRequest, column: Column) -> list[Choice] | None:
    sets = [
        rule.arguments["value_set"]
        for rule in request.rules
        if rule.expect == in_set.KIND.expect and rule.columns[0] == column.name and is_enforced(rule)
    ]
    return [value for value in sets[0] if all(value in other for other in sets)] if sets else None


def _periods(request: TemplateRequest, column: Column) -> Iterator[str]:
    """Yields the periods of the column's kind in the document's period, if the rows must be of it."""
    bound = document_period.IN_PERIOD.expect
    is_bound = any(rule.expect == bound and rule.columns[0] == column.name and is_enforced(rule) for rule in request.rules)
    if request.period is None or not is_bound:
        return
    period = Period.containing(request.period.start, PeriodKind(column.type.value))
    while period.end <= request.period.end:
        if period.start >= request.period.start:
            yield str(period)
        period = period.next()


def _divisions(request: TemplateRequest, list_name: str) -> Iterator[str]:
    is_name = list_name.endswith("_name")
    found = list(divisions_within(request.divisions, list_name, request.unit, request.period))
    # A unit around which the list has nothing (a county whose lists are the city's) is offered all of it.
    for code, name in found or divisions_within(request.divisions, list_name, None, request.period):
        yield name if is_name else code
