"""How surely a column says something of what an identifier names, and not of the row's own event."""

from __future__ import annotations

from loaders.contract import Column, ColumnType
from loaders.overlap.identifiers import ReportSubjects, role_of
from loaders.overlap.wording import Wording, terms, wording_of

_NUMBERS_AND_DAYS = frozenset({ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.DATE, ColumnType.DATETIME, ColumnType.BOOLEAN})
_OF_PEOPLE = frozenset({ColumnType.PHONE, ColumnType.BANK_ACCOUNT})
_NAMED, _IN_ROLE, _OF_PERSON, _UNNAMED, _OF_EVENT = 0.95, 0.95, 0.85, 0.55, 0.2
_PERSONAL_ATTRIBUTES = frozenset(
    f"attribute:{name}" for name in ("person_name", "phone", "account", "birth", "sex", "address", "hardship", "bank")
)


def belonging(subjects: ReportSubjects, column: Column, identifier: Column, nouns: frozenset[str]) -> float:
    """From 0 to 1.

    Args:
        subjects: the report of both columns, whose rows are about something else.
        column: what is asked.
        identifier: the column that names the thing.
        nouns: what the thing is called.
    """
    words = wording_of(column.header)
    role = role_of(identifier)
    if role and not column.name.startswith(f"{role}_"):
        return _OF_EVENT
    if words.nouns & nouns and not words.nouns - nouns & (subjects.nouns | terms().events):
        return _NAMED
    if role:
        return _IN_ROLE
    if _is_of_person(column, words):
        # A client's file names the worker, too; its phone is the client's.
        is_of_another = bool(subjects.nouns & terms().people) and not subjects.nouns & nouns
        return _OF_PERSON if nouns & terms().people and not is_of_another else _OF_EVENT
    return _OF_EVENT if column.type in _NUMBERS_AND_DAYS or words.nouns else _UNNAMED


def _is_of_person(column: Column, words: Wording) -> bool:
    if column.type in _OF_PEOPLE or column.known_in is not None or words.weights.keys() & _PERSONAL_ATTRIBUTES:
        return True
    # The county of a person's home, and the name of a guardian.
    return bool(words.nouns & {"village", "town", "county"}) or words.opposites["person_role"] == {"guardian"}
