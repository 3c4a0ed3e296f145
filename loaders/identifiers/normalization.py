"""The one writing of an identifier: whatever the keyboard or the spreadsheet made of it."""

from __future__ import annotations

import re

from loaders.characters.confusables import comparison_form, normalize_characters

_EDGES = "'\"‘’`´“”"
_SPACES = re.compile(r"[\s\u00ad\u200b-\u200f\u2060\ufeff]+")


def normalize_identifier(text: str) -> str:
    """Half-width, one hyphen, upper case, without blanks (also invisible ones) and the apostrophe that spreadsheets lead with."""
    return _SPACES.sub("", normalize_characters(text)).strip(_EDGES).upper()


def normalize_name(name: str) -> str:
    """The form in which names are compared and hashed (see `comparison_form`), without quotation marks and dots around it."""
    return comparison_form(name).strip("\"'·")
