"""Issues of cells that show something else than they store. Each names both values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from loaders.messages import Parameter, severity_of
from loaders.model import Severity


@dataclass(frozen=True, slots=True)
class ValueIssue:
    """Issue of one cell without its location: code and parameters of its message. `found` is the shown value.

    `rule` and `severity` are those of the code, except for a redacted issue, whose message replaces another one.
    """

    code: str
    found: str
    parameters: Mapping[str, Parameter]
    rule: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class ShownValue:
    """Text that a column takes of a cell, with its issue if there is one."""

    text: str | None
    value_issue: ValueIssue | None = None


def redacted(value_issue: ValueIssue) -> ValueIssue:
    """Removes quoted values from the issue of a column with personal data."""
    return replace(value_issue, code="shown_otherwise.personal", found="***", parameters={})


def two_readings(shown: str, stored: str, first: str, second: str) -> ValueIssue:
    """Builds the issue of a number with two possible values. The row is quarantined."""
    return _value_issue("shown_otherwise.number", shown, shown=shown, stored=stored, first=first, second=second)


def two_days(shown: str, stored: str) -> ValueIssue:
    """Builds the issue of a day that may be the shown or the stored one. The row is quarantined."""
    return _value_issue("shown_otherwise.date", shown, shown=shown, stored=stored)


def shown_is_taken(shown: str, stored: str, taken: str) -> ValueIssue:
    """Builds the issue of a cell whose shown value is loaded although it stores another one."""
    return _value_issue("shown_value_taken", shown, shown=shown, stored=stored, taken=taken)


def stored_is_taken(shown: str, stored: str) -> ValueIssue:
    """Builds the issue of a cell whose stored value is loaded although it shows another one."""
    return _value_issue("stored_value_taken", shown, shown=shown, stored=stored)


def hidden(stored: str, *, is_zero: bool) -> ValueIssue:
    """Builds the issue of a cell whose format shows nothing. Zero is loaded with a warning; any other value is quarantined."""
    return _value_issue("hidden_value.zero" if is_zero else "hidden_value", "", stored=stored)


def date_in_code(shown: str, stored: str) -> ValueIssue:
    """Builds the issue of a code such as 3-10 that a spreadsheet turned into a date, which lost the typed text."""
    return _value_issue("date_in_code", shown, shown=shown, stored=stored)


def date_in_number(shown: str, stored: str) -> ValueIssue:
    """Builds the issue of a date in a number column: a number under a date format, or a date in the wrong column."""
    return _value_issue("date_in_number", shown, shown=shown, stored=stored)


def date_in_text(shown: str, stored: str) -> ValueIssue:
    """Builds the issue of a date in free text, which is loaded as shown."""
    return _value_issue("date_in_text", shown, shown=shown, stored=stored)


def day_not_shown(shown: str, stored: str) -> ValueIssue:
    """Builds the issue of a date whose day is not shown and may be arbitrary."""
    return _value_issue("day_not_shown", shown, shown=shown, stored=stored)


def no_such_period(shown: str, stored: str) -> ValueIssue:
    """Builds the issue of a cell that does not show the period that the column requires."""
    return _value_issue("shown_otherwise.period", shown, shown=shown, stored=stored)


def _value_issue(code: str, found: str, **parameters: Parameter) -> ValueIssue:
    return ValueIssue(code, found, parameters, code.partition(".")[0], severity_of(code))
