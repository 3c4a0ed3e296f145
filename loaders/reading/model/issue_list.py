"""The list of issues that an annotated copy has as its first sheet: a reader leaves it out."""

from __future__ import annotations

from functools import cache

from loaders.messages import phrase
from loaders.reading.model.sheets import Sheet


@cache
def list_names() -> tuple[str, ...]:
    """The names of the sheet, one per language; where a document has such a sheet already, ours has a number behind it."""
    name = phrase("annotation.sheet")
    return name.zh, name.en


@cache
def list_titles() -> frozenset[str]:
    """The texts of its first cell, one per language."""
    title = phrase("annotation.title")
    return frozenset((title.zh, title.en))


def is_issue_list(sheet: Sheet) -> bool:
    """Checks whether a sheet is the list that we put into an annotated copy: by its name and its first cell.

    Both survive when the copy is saved in another format, which a defined name or a property of the document does not.
    """
    return sheet.name.startswith(list_names()) and sheet.text(1, 1) in list_titles()
