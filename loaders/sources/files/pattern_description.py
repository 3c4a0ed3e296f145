"""Describes a contract's file pattern in words, with an example: `年-月/区划代码_名称.xlsx`, `2023-06/441302_探访表.xlsx`.

It knows the usual constructs of patterns. A pattern with others is shown as it is.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from loaders.contract import FileDrop, LocalizedText, Report
from loaders.messages import join_texts, localized, phrase
from loaders.period import PeriodKind
from loaders.sources.files.name_pattern import FileNamePattern

_PERIODS = {PeriodKind.MONTH: "2023-06", PeriodKind.QUARTER: "2023Q2", PeriodKind.HALF: "2023H1", PeriodKind.YEAR: "2023"}
_LEVELS_OF_DIVISIONS = frozenset({"city", "county", "town"})
_MANY = 100


class _UnsupportedPattern(Exception):
    """A pattern with a construct that has no words."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a pattern in Chinese and English words, and an example of it."""

    words: LocalizedText
    example: str


@dataclass(frozen=True, slots=True)
class PatternDescription:
    """The expected name: in words, and (unless the pattern is unusual) as an example."""

    description: LocalizedText
    example: str | None

    @classmethod
    def of(cls, report: Report, source: FileDrop | None = None, *, pattern: str = "") -> PatternDescription:
        """Returns the description of a report's pattern, or of another one; the pattern itself where it has no words."""
        accepted = source.pattern if source is not None else pattern
        names = FileNamePattern(report, pattern=accepted)
        try:
            parts = [_PatternDescriber(report, unit).sequence(_parsed(accepted)) for unit in (report.units[0], None)]
        except _UnsupportedPattern:
            return cls(localized(accepted, accepted), None)
        # An example that the pattern does not take would send people the wrong way.
        example = next((part.example for part in parts if names.read(part.example) is not None), None)
        return cls(parts[0].words, example)


def _parsed(pattern: str) -> Any:
    try:
        return importlib.import_module("re._parser").parse(pattern)
    except (ImportError, AttributeError) as error:
        raise _UnsupportedPattern from error


class _PatternDescriber:
    """Converts the parse tree of a pattern into words. The example has `unit` as the unit, or else a name from the pattern."""

    def __init__(self, report: Report, unit: str | None) -> None:
        self._report = report
        self._unit = unit

    def sequence(self, nodes: Any) -> _Part:
        names = {number: name for name, number in nodes.state.groupdict.items()}
        return _joined(self._part(str(kind), what, names) for kind, what in nodes)

    def _part(self, kind: str, what: Any, names: dict[int, str]) -> _Part:
        match kind:
            case "LITERAL":
                return _literal(chr(what))
            case "AT":
                return _literal("")
            case "ANY" | "NOT_LITERAL":
                return _any_letter()
            case "IN":
                return _choice(what)
            case "SUBPATTERN":
                return self._named(names.get(what[0]), self.sequence(what[-1]))
            case "BRANCH":
                return self._branches(what[1])
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                return self._repeat(*what)
        raise _UnsupportedPattern

    def _named(self, name: str | None, inner: _Part) -> _Part:
        if name == "period" and self._report.period_kind is not None:
            return _Part(phrase(f"name.{self._report.period_kind}"), _PERIODS[self._report.period_kind])
        if name == "unit":
            is_division = self._report.unit_level in _LEVELS_OF_DIVISIONS
            return _Part(phrase("name.division" if is_division else "name.unit"), self._unit or inner.example)
        return inner

    def _branches(self, branches: Any) -> _Part:
        parts = [self.sequence(branch) for branch in branches]
        branches = join_texts((part.words for part in parts), zh="或", en=" or ")
        return _Part(phrase("name.branches", branches=branches), parts[0].example)

    def _repeat(self, least: int, most: Any, body: Any) -> _Part:
        part = self.sequence(body)
        if int(most) == 1 and least == 0:
            return _Part(phrase("name.optional", part=part.words), "")
        if part.words == phrase("name.any"):
            return replace(part, example=self._report.title.zh if int(most) >= _MANY else "x" * max(1, least))
        if least == int(most):
            return _Part(phrase("name.repeated", count=least, part=part.words), part.example * least)
        return replace(part, example=part.example * max(1, least))


def _joined(parts: Iterable[_Part]) -> _Part:
    listed = list(parts)
    example = "".join(part.example for part in listed)
    return _Part(join_texts((part.words for part in listed), zh="", en=""), example)


def _literal(text: str) -> _Part:
    return _Part(localized(text, text), text)


def _any_letter() -> _Part:
    return _Part(phrase("name.any"), "x")


def _choice(members: Any) -> _Part:
    """Describes one letter of a class: digits, letters, a range, or some letters; an excluded class is any name."""
    kinds = [str(kind) for kind, _ in members]
    if kinds[0] == "NEGATE":
        return _any_letter()
    if kinds == ["CATEGORY"] and str(members[0][1]) == "CATEGORY_DIGIT":
        return _Part(phrase("name.digits"), "1")
    if set(kinds) == {"RANGE"} and all(chr(first).isalpha() for _, (first, _) in members):
        return _Part(phrase("name.letters"), chr(members[0][1][0]))
    if kinds == ["RANGE"]:
        first, last = (chr(code) for code in members[0][1])
        return _Part(phrase("name.range", first=first, last=last), first)
    if set(kinds) == {"LITERAL"}:
        letters = [chr(code) for _, code in members]
        listed = localized("或".join(letters), " or ".join(letters))
        return _Part(phrase("name.one_of", letters=listed), letters[0])
    raise _UnsupportedPattern
