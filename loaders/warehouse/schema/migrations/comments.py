"""Comments on tables and views: the database describes itself, and `docs/tables.md` is generated from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from alembic import op

WRITTEN_BY = "Written by: "


class Relation(NamedTuple):
    """A table or view: its kind, what one row is, the module that writes it, and the meaning of each column."""

    kind: str
    grain: str
    writer: str
    columns: Mapping[str, str]


def write_comments(relations: Mapping[str, Relation]) -> None:
    """Comments on relations, by schema and name, and on their columns; the second line of a relation's names its writer."""
    for name, relation in relations.items():
        _comment(f"{relation.kind} {name}", f"{relation.grain}\n{WRITTEN_BY}{relation.writer}")
        for column, meaning in relation.columns.items():
            _comment(f"column {name}.{column}", meaning)


def _comment(subject: str, text: str) -> None:
    op.execute("comment on {} is '{}'".format(subject, text.replace("'", "''")))
