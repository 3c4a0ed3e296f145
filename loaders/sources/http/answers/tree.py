"""What the parsers of answers have in common: records, places in an answer, and what is said when a place is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from loaders.contract.sources.answer_path import Step
from loaders.identifiers import redact
from loaders.sources.errors import printable

_MOST_KEYS = 12
_MAX_KEY_CHARACTERS = 60
_DEEPEST_SHOWN = 2
# Names by which APIs lead to the next page; times and counts, such as nextUpdateTime, are none.
_LEADS_ON = re.compile(
    r"next(_?(page|cursor|token|marker|url|uri|link|href|key)+)?|(\w*_)?\w*cursor|(page|continuation)_?token|scroll_?id"
).fullmatch


class AnswerMismatch(Exception):
    """An answer that is not as the contract describes it: what was found, and the field of the contract to change."""

    def __init__(self, what: str, next_step: str) -> None:
        super().__init__(what)
        self.what = what
        self.next_step = next_step


class Missing:
    """Stands for a value that an answer does not hold; null is a value."""


MISSING: Final = Missing()


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its `text`, one line of JSON as it came, and its `fields`, in which numbers are texts."""

    text: str
    fields: Mapping[str, Any] = field(repr=False, compare=False)


class AnswerTree(Protocol):
    """A parsed answer."""

    def find(self, path: str) -> Any:
        """Returns the value at a path: a text, a boolean, None, a list or an object; `MISSING` when there is none."""

    def records(self, path: str) -> list[Record]:
        """Returns the records at a path, in order.

        Raises:
            AnswerMismatch: there is no list of objects.
        """

    def keys(self) -> str:
        """Returns the names of what the answer holds, for messages."""

    def leaves(self) -> Iterator[tuple[str, str]]:
        """Yields path and text of each value that is in no list."""


def child_of(value: Any, step: Step) -> Any:
    """Returns the value one step below an object or a list; `MISSING` when there is none."""
    if isinstance(value, dict) and isinstance(step, str):
        return value.get(step, MISSING)
    if isinstance(value, list) and str(step).isdecimal():
        number = int(step)
        return value[number] if number < len(value) else MISSING
    return MISSING


def described(value: Any) -> str:
    """Returns what kind of value an answer holds at a place, without the value."""
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return f"an object with {shown_keys(value)}" if value else "an empty object"
    if value is None:
        return "null"
    return "true or false" if isinstance(value, bool) else "a text or number"


def shown_keys(content: Any) -> str:
    """Returns the names in a JSON value, two levels deep: `code, data, data.rows (list of 3)`. They hold no personal numbers."""
    names = list(_keys(content, "", 1))
    shown = ", ".join(names[:_MOST_KEYS])
    return f"{shown}, …" if len(names) > _MOST_KEYS else shown or "nothing"


def _keys(content: Any, above: str, depth: int) -> Iterator[str]:
    if isinstance(content, list):
        yield f"{above or '$'} (list of {len(content)})"
    elif isinstance(content, dict):
        for name, value in content.items():
            place = f"{above}.{name}" if above else str(name)
            shown = redact(printable(place))[:_MAX_KEY_CHARACTERS]
            yield f"{shown} (list of {len(value)})" if isinstance(value, list) else shown
            if isinstance(value, dict) and depth < _DEEPEST_SHOWN:
                yield from _keys(value, place, depth + 1)


def likely_next(tree: AnswerTree) -> str | None:
    """Returns the path of a value that seems to lead to the next page; None when there is none."""
    return next((path for path, text in tree.leaves() if text and _LEADS_ON(path.rpartition(".")[2].casefold())), None)


def checked_records(path: str, found: Sequence[tuple[str, Any]]) -> list[Record]:
    """Returns records of their texts and values.

    Raises:
        AnswerMismatch: one is no object.
    """
    for number, (_, value) in enumerate(found, start=1):
        if not isinstance(value, dict):
            raise AnswerMismatch(
                f"expected objects in the list at `records: {path}`, found {described(value)} as record {number}",
                "change source.records to the list whose items have fields",
            )
    return [Record(text, value) for text, value in found]
