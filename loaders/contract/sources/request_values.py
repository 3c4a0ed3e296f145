"""Texts of a request with named values: `{period:%Y%m}`, `{unit}`, `{window_start}`, `{window_end}`, `{since}`.

A format after a colon is that of `strftime`, e.g. `{period:%Y%m}` is 202306 and `{period:%Y}Q{period:%q}` is 2023Q2: `%q` is the
number of the quarter or half-year within its year. A brace that is no value is written twice: `{{`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from string import Formatter
from typing import Any

from loaders.period import Period

PERIOD_NAMES = frozenset({"period", "window_start", "window_end"})
VALUE_NAMES = PERIOD_NAMES | {"unit", "since"}
_SHOWN_NAMES = ", ".join(f"{{{name}}}" for name in ("period", "unit", "window_start", "window_end", "since"))
_EXAMPLE_DATE = dt.date(2023, 6, 1)


@dataclass(frozen=True, slots=True)
class NamedValues:
    """The values of one request. `since` is the watermark as the other system writes it, `since_at` the same as a time."""

    period: Period | None = None
    unit: str | None = None
    since: str | None = None
    since_at: dt.datetime | None = None

    def render(self, text: str) -> str | None:
        """Returns a text with its values put in; None when one of them is not known, e.g. `{since}` at the first pull."""
        parts: list[str] = []
        for literal, name, form, _ in Formatter().parse(text):
            parts.append(literal)
            if name is not None:
                value = self._value(name, form or "")
                if value is None:
                    return None
                parts.append(value)
        return "".join(parts)

    def render_tree(self, content: Any) -> Any:
        """Returns JSON content with the values put into its texts. A field whose value is not known is left out."""
        if isinstance(content, str):
            return self.render(content)
        if isinstance(content, dict):
            rendered = {name: self.render_tree(part) for name, part in content.items()}
            return {name: part for name, part in rendered.items() if part is not None or content[name] is None}
        return [self.render_tree(part) for part in content] if isinstance(content, list) else content

    def _value(self, name: str, form: str) -> str | None:
        if name == "unit":
            return self.unit
        if name == "since":
            return self.since if not form or self.since_at is None else self.since_at.strftime(form)
        if self.period is None:
            return None
        if name == "period" and not form:
            return str(self.period)
        day = self.period.end if name == "window_end" else self.period.start
        return day.strftime(form.replace("%q", str(self.period.ordinal))) if form else day.isoformat()


def names_in(content: Any) -> frozenset[str]:
    """Returns the names of the values in a text, or in all texts of a mapping or list. What is no template has none."""
    if isinstance(content, dict):
        return frozenset().union(*map(names_in, content.values()))
    if isinstance(content, list | tuple):
        return frozenset().union(*map(names_in, content))
    if not isinstance(content, str):
        return frozenset()
    try:
        return frozenset(name for _, name, _, _ in Formatter().parse(content) if name is not None)
    except ValueError:
        return frozenset()


def template_errors(field: str, content: Any) -> Iterator[str]:
    """Yields what is wrong with the templates of a field: an unknown name, a single brace, a format that is none."""
    if isinstance(content, dict):
        for name, part in content.items():
            yield from template_errors(f"{field}.{name}", part)
    elif isinstance(content, list | tuple):
        for number, part in enumerate(content):
            yield from template_errors(f"{field}.{number}", part)
    elif isinstance(content, str):
        yield from _text_errors(field, content)


def _text_errors(field: str, text: str) -> Iterator[str]:
    try:
        parsed = list(Formatter().parse(text))
    except ValueError:
        yield f"{field} has a single brace: write {{{{ or }}}} for a brace, and {{period}} for a value"
        return
    for _, name, form, conversion in parsed:
        if name is None:
            continue
        if name not in VALUE_NAMES or conversion:
            yield f"{field} names {{{name}}}, and there are {_SHOWN_NAMES}"
        elif form and (name == "unit" or "%" not in form or not _is_date_format(form)):
            yield f"{field}: {{{name}:{form}}} has no date format, as {{period:%Y%m}} has"


def _is_date_format(form: str) -> bool:
    try:
        return bool(_EXAMPLE_DATE.strftime(form.replace("%q", "1")))
    except ValueError:
        return False
