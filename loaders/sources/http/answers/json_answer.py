"""JSON answers. Records are cut out of the text, so that no number changes its form: 1.10 stays 1.10, and 20 digits stay 20."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn

from loaders.contract.sources.answer_path import Step, path_steps
from loaders.sources.http.answers.tree import (
    MISSING,
    AnswerMismatch,
    Missing,
    Record,
    checked_records,
    child_of,
    described,
    shown_keys,
)

_blanks = re.compile(r"[ \t\n\r]*").match
_LINE_BREAKS = str.maketrans("\r\n", "  ")


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")


_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_no_number)


def parse_json(text: str) -> Any:
    """Parses JSON with numbers as texts.

    Raises:
        ValueError: it is no JSON, or nested too deep.
    """
    try:
        value, end = _DECODER.raw_decode(text, _after_blanks(text, 0))
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if _after_blanks(text, end) != len(text):
        raise ValueError("more than one value")
    return value


class JsonAnswer:
    """One JSON value."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._content = parse_json(text)

    def find(self, path: str) -> Any:
        """Returns the value at a path; numbers are texts."""
        return find_in(self._content, path)

    def records(self, path: str) -> list[Record]:
        """Returns the objects of the list at a path; null is an empty list."""
        found = self.find(path)
        if found is None:
            return []
        if not isinstance(found, list):
            where = "" if isinstance(found, Missing) else f"{described(found)} there, and "
            raise AnswerMismatch(
                f"expected a list at `records: {path}`, found {where}keys {self.keys()}", "change source.records to the list"
            )
        return checked_records(path, list(_items(self._text, _place_of(self._text, path_steps(path)))))

    def keys(self) -> str:
        """Returns the names in the answer, two levels deep."""
        return shown_keys(self._content)

    def leaves(self) -> Iterator[tuple[str, str]]:
        """Yields path and text of each text or number that is in no list."""
        return _leaves(self._content, "")


class JsonLinesAnswer:
    """One record per line. A line that is no JSON stays as it is: validation rejects it."""

    def __init__(self, text: str) -> None:
        lines = (line.strip(" \t\r\n\ufeff") for line in text.split("\n"))
        self._records = [Record(line, _fields(line)) for line in lines if line]

    def find(self, path: str) -> Any:
        """Returns the value at a path of the first record."""
        return find_in(self._records[0].fields, path) if self._records else MISSING

    def records(self, path: str) -> list[Record]:  # noqa: ARG002 - the lines are the records
        """Returns all lines that are not blank."""
        return self._records

    def keys(self) -> str:
        """Returns the names in the first record."""
        return shown_keys(self._records[0].fields) if self._records else "nothing"

    def leaves(self) -> Iterator[tuple[str, str]]:
        """Yields nothing: all there is are records."""
        return iter(())


def find_in(content: Any, path: str) -> Any:
    """Returns the value at a path of parsed JSON; `MISSING` when there is none."""
    for step in path_steps(path):
        content = child_of(content, step)
    return content


def replace_text(text: str, path: str, replace: Callable[[str], str]) -> str:
    """Returns JSON with the text at a path replaced by other JSON. Where there is no text, or an empty one, nothing is replaced.

    Raises:
        ValueError: `text` is no JSON.
    """
    found = find_in(parse_json(text), path)
    if not isinstance(found, str) or not found:
        return text
    start = _place_of(text, path_steps(path))
    _, end = _DECODER.raw_decode(text, start)
    return f"{text[:start]}{replace(found)}{text[end:]}"


def _leaves(value: Any, above: str) -> Iterator[tuple[str, str]]:
    for name, inner in value.items() if isinstance(value, dict) else ():
        path = f"{above}.{name}" if above else str(name)
        if isinstance(inner, str):
            yield path, inner
        yield from _leaves(inner, path)


def _fields(line: str) -> dict[str, Any]:
    try:
        value = parse_json(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _after_blanks(text: str, place: int) -> int:
    match = _blanks(text, place)
    return match.end() if match else place


def _place_of(text: str, steps: Sequence[Step]) -> int:
    """Returns where the value at a path begins. The path exists: the parsed answer was asked before."""
    place = _after_blanks(text, 0)
    for step in steps:
        if text[place] == "[":
            place = [start for start, _, _ in _list_items(text, place)][int(step)]
        else:
            # Of a name that occurs twice, the last counts, as for the parser.
            place = [start for name, start in _members(text, place) if name == step][-1]
    return place


def _members(text: str, place: int) -> Iterator[tuple[str, int]]:
    """Yields the name of each member of the object at a place, and where its value begins."""
    place = _after_blanks(text, place + 1)
    while text[place] != "}":
        name, place = _DECODER.raw_decode(text, place)
        start = _after_blanks(text, _after_blanks(text, place) + 1)
        yield name, start
        _, place = _DECODER.raw_decode(text, start)
        place = _next_item(text, place)


def _list_items(text: str, place: int) -> Iterator[tuple[int, int, Any]]:
    """Yields start, end and value of each item of the list at a place."""
    place = _after_blanks(text, place + 1)
    while text[place] != "]":
        value, end = _DECODER.raw_decode(text, place)
        yield place, end, value
        place = _next_item(text, end)


def _items(text: str, place: int) -> Iterator[tuple[str, Any]]:
    """Yields text and value of each item of the list at a place. Line breaks occur between values only, never in a JSON text."""
    for start, end, value in _list_items(text, place):
        yield text[start:end].translate(_LINE_BREAKS), value


def _next_item(text: str, place: int) -> int:
    place = _after_blanks(text, place)
    return _after_blanks(text, place + 1) if text[place] == "," else place
