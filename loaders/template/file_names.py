"""Names that a contract's pattern matches, for a unit and a period."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice, product

from loaders.contract import FileDrop, Mailbox, Report
from loaders.contract.sources.container import Container
from loaders.period import Period
from loaders.template.request import TemplateError

_MOST_NAMES = 200
_FORBIDDEN = re.compile(r'[\\/:*?"<>|“”\s]+')
# `(?P<unit>`, `(?:`, `(?i:`, `(?=`, `(?i`
_GROUP = re.compile(r"\((?:\?(?:P<(?P<name>\w+)>|(?P<kind>[aimsux-]*:|=|!|<=|<!|[aimsux]+)))?")
# `*`, `+?`, `{2,4}`
_QUANTIFIER = re.compile(r"(?:(?P<sign>[*+?])|\{(?P<least>\d*),?\d*\})[?+]?")
_CLASSES = {"d": "1", "w": "a", "s": " ", "D": "a", "W": "-", "S": "a", "b": "", "B": "", "A": "", "Z": ""}


def path_for(report: Report, unit: str | None, period: Period | None, suffix: str) -> str | None:
    """A path below the source's folder that says whose document it is; None where the pattern gives none with this suffix."""
    given = {"unit": unit, "period": None if period is None else str(period)}
    values = {name: text for name, text in given.items() if text is not None}
    pattern = _pattern(report)
    groups = {"unit", "period"} & re.compile(pattern).groupindex.keys()
    if not groups <= values.keys():
        return None
    wanted = {name: values[name] for name in groups}
    for path in texts_for(pattern, values, plain_name(report, unit, period, with_unit=False)):
        match = re.fullmatch(pattern, path)
        if match and path.lower().endswith(suffix) and _named(match.groupdict()) == wanted:
            return path
    return None


def plain_name(report: Report, unit: str | None, period: Period | None, *, with_unit: bool = True) -> str:
    """The title with the unit and the period, as far as they are known, as a part of a file's name."""
    parts = [unit if with_unit else None, _FORBIDDEN.sub("", report.title.zh), None if period is None else str(period)]
    return "_".join(part for part in parts if part)


def texts_for(pattern: str, values: Mapping[str, str], free: str) -> Iterator[str]:
    """Yields texts that a regular expression may match: named groups have these values, any run of characters is `free`.

    The caller checks each with the expression itself: what this module does not know of expressions gives texts that fail.
    """
    expansion = _Expansion(pattern, values, free)
    return islice(dict.fromkeys(expansion.texts()), _MOST_NAMES)


def _pattern(report: Report) -> str:
    match report.source:
        case FileDrop(container=Container() as container) | Mailbox(container=Container() as container):
            return container.members
        case FileDrop() as source:
            return source.pattern
        case Mailbox() as source:
            return source.attachments
    raise TemplateError(f"{report.report} does not come in files")


def _named(groups: Mapping[str, str | None]) -> dict[str, str]:
    return {name: text for name, text in groups.items() if text is not None and name in {"unit", "period"}}


class _Expansion:
    """A walk through a regular expression that makes its texts."""

    def __init__(self, pattern: str, values: Mapping[str, str], free: str) -> None:
        self._pattern = pattern
        self._values = values
        self._free = free
        self._at = 0

    def texts(self) -> list[str]:
        """The texts of the alternatives up to the end of the group, or of the pattern."""
        found: list[str] = []
        parts: list[list[str]] = []
        while self._at < len(self._pattern) and self._pattern[self._at] != ")":
            if self._pattern[self._at] == "|":
                self._at += 1
                found += _combined(parts)
                parts = []
            else:
                parts.append(self._quantified(*self._atom()))
        return found + _combined(parts)

    def _atom(self) -> tuple[list[str], bool]:
        """The texts of the next atom, and whether it stands for any character."""
        letter = self._pattern[self._at]
        if letter == "(":
            return self._group(), False
        if letter == "[":
            return self._set()
        self._at += 1
        if letter == "\\":
            escaped = self._pattern[self._at : self._at + 1]
            self._at += 1
            return [_CLASSES.get(escaped, escaped)], False
        return ([""] if letter in "^$" else ["x" if letter == "." else letter]), letter == "."

    def _group(self) -> list[str]:
        opening = _GROUP.match(self._pattern, self._at)
        name, kind = (opening["name"], opening["kind"]) if opening else (None, None)
        self._at = opening.end() if opening else self._at + 1
        inner = self.texts()
        self._at += 1
        if name is not None and name in self._values:
            return [self._values[name]]
        return inner if kind is None or kind.endswith(":") else [""]

    def _set(self) -> tuple[list[str], bool]:
        end = self._pattern.index("]", self._at + 2)
        inside = self._pattern[self._at + 1 : end]
        self._at = end + 1
        if inside.startswith("^"):
            return ["x"], True
        return [_CLASSES.get(inside[1:2], inside[1:2]) if inside.startswith("\\") else inside[0]], False

    def _quantified(self, texts: list[str], is_any: bool) -> list[str]:
        match = _QUANTIFIER.match(self._pattern, self._at)
        if match is None:
            return texts
        self._at = match.end()
        if match["sign"] is None:
            return [text * int(match["least"] or 0) for text in texts]
        some = [self._free, *texts] if is_any else texts
        if match["sign"] == "+":
            return some
        # What may be left out is left out first, unless it is room for words.
        return [*some, ""] if is_any else ["", *some]


def _combined(parts: list[list[str]]) -> list[str]:
    return ["".join(part) for part in islice(product(*parts), _MOST_NAMES)]
