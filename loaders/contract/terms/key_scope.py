"""Where the key of a row occurs once: in the whole report, in what one unit sends, or in one document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loaders.contract.cross_rules.base import Pairs
    from loaders.contract.report import Report


class KeyScope(StrEnum):
    """The scope in which a key is unique. Rows of two scopes may have equal keys, and are different things."""

    REPORT = "report"
    UNIT = "unit"
    DOCUMENT = "document"


NARROWER: Mapping[KeyScope, frozenset[KeyScope]] = {
    KeyScope.REPORT: frozenset({KeyScope.UNIT, KeyScope.DOCUMENT}),
    KeyScope.UNIT: frozenset({KeyScope.DOCUMENT}),
    KeyScope.DOCUMENT: frozenset(),
}
"""The scopes that a wider one can be replaced by without two current rows getting the same key."""


def key_scope_errors(report: Report) -> Iterator[str]:
    """Yields what does not go together with `key_scope`."""
    if report.key_scope is KeyScope.REPORT:
        return
    if not report.key:
        yield f"key_scope: {report.key_scope} needs at least one column with key: true"
    if report.key_scope is KeyScope.DOCUMENT and report.replaces == "key":
        yield "key_scope: document goes with no replaces: key, no document would ever replace another; use replaces: nothing"


def is_joined_by_unit(pairs: Pairs, own: Report, other: Report) -> bool:
    """Returns whether rows of two reports are the same thing only if one unit sent both.

    So it is where the compared columns hold the whole key of a report whose keys are unique per unit.
    """
    sides = ((own, {here for here, _ in pairs}), (other, {there for _, there in pairs}))
    return any(report.key_scope is KeyScope.UNIT and report.key and set(report.key) <= names for report, names in sides)


def join_errors(pairs: Pairs, own: Report, other: Report) -> Iterator[str]:
    """Yields why the rows of two reports cannot be found by these columns, given the scopes of their keys."""
    if is_joined_by_unit(pairs, own, other) and not set(own.units) <= set(other.units):
        scoped = own if own.key_scope is KeyScope.UNIT else other
        yield (
            f"the key of {scoped.report} is unique per unit (key_scope: unit), and {own.report} is sent by units that do not "
            f"send {other.report}: compare a column that says whose row it is as well"
        )
    if other.key_scope is KeyScope.DOCUMENT and other.key and set(other.key) == {there for _, there in pairs}:
        yield (
            f"the key of {other.report} is unique per document (key_scope: document), so that it names no row of another "
            "document: compare other columns"
        )
