"""Columns with few values: told to who edits the contract as a comment, because a sample does not show all that may come."""

from __future__ import annotations

from collections.abc import Sequence

from loaders.contract import ColumnType, Pii
from loaders.identifiers import redact
from loaders.scaffold.inference.key_inference import SampleColumn
from loaders.scaffold.inference.type_inference import names_people, written_values

_FEWEST_VALUES = 8
_MOST_CHOICES = 12
_ROWS_PER_CHOICE = 3
_LONGEST_CHOICE = 20


def choices_of(column: SampleColumn, *, is_key: bool) -> tuple[str, ...]:
    """Returns the few values of a column in the order of their first occurrence; none for persons, keys, codes and free texts."""
    inferred = column.inferred
    if (
        is_key
        or inferred.type is not ColumnType.TEXT
        or inferred.pii is not Pii.NONE
        or inferred.known_in
        or names_people(column.header)
    ):
        return ()
    values = written_values(column.values)
    found = tuple(dict.fromkeys(" ".join(value.split()) for value in values))
    is_few = len(values) >= _FEWEST_VALUES and len(found) <= min(_MOST_CHOICES, len(values) // _ROWS_PER_CHOICE)
    return found if is_few and all(map(_may_be_shown, found)) else ()


def choices_comment(choices: Sequence[str], count: int) -> str:
    """Returns the comment of a column in both languages: `type: choice, choices: [甲, 乙]? (2 of 30 rows)`."""
    from loaders.messages import phrase
    from loaders.scaffold.yaml_text import flow

    comment = phrase("new_report.choices", choices=flow(list(choices)), count=len(choices), rows=count)
    return f"{comment.zh} / {comment.en}"


def _may_be_shown(value: str) -> bool:
    return len(value) <= _LONGEST_CHOICE and value.isprintable() and redact(value) == value
