"""Entry of the registry of cross-report rules: how a kind is compiled to SQL and described."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from loaders.contract import CrossRule, LocalizedText, Report
from loaders.messages import localized


@dataclass(frozen=True, slots=True)
class CheckQuery:
    """A query, and the columns (of this and of the other report) that `found` and `expected` are about.

    Each row of its result is a violation: `submission_id`, `sheet`, `row` and `record` say where, `found` and `expected`
    what is there and what the other side has. Nothing personal is among them.
    """

    statement: sql.Composed
    own_columns: tuple[str, ...]
    other_columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Violation:
    """What a sentence about one violation is made of: the reports, what was found in both languages, what was expected.

    `other` is this report itself for a kind that looks into no other.
    """

    own: Report
    other: Report
    found: LocalizedText
    expected: Sequence[str]


def name_of(report: Report) -> LocalizedText:
    """A report as sentences name it: by its title in Chinese, by its code name in English."""
    return localized(report.title.zh, report.report)


def _join(violation: Violation) -> str:
    return "；".join(violation.expected)


@dataclass(frozen=True, slots=True)
class CrossRuleKind:
    """One kind: its model, its queries (this and the other report), its sentence and what was expected in short."""

    model: type[CrossRule]
    compile: Callable[[Any, Report, Report], Iterator[CheckQuery]]
    describe: Callable[[Any, Violation], LocalizedText]
    expected: Callable[[Violation], str] = _join
