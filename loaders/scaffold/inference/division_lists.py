"""Which list of divisions the values of a column are in: the narrowest that has them all."""

from __future__ import annotations

import re
from collections.abc import Sequence

from loaders import identifiers
from loaders.divisions import Divisions

# The lists that a contract may name in `known_in`, narrow ones first, with the headers under which their names stand.
_LISTS = (
    ("county", re.compile(r"县|区")),
    ("county_or_city", re.compile(r"县|区|市|地区|单位")),
    ("town", re.compile(r"镇|街道|乡")),
    ("village", re.compile(r"村|社区|居委")),
)
_CODE_HEADERS = re.compile(
    r"区划|(?:地区|县|区|镇|街道|村|社区).*(?:代码|编码)|(?:area|division|region|county|town|village)_?code", re.IGNORECASE
)


def list_of_codes(header: str, values: Sequence[str], divisions: Divisions) -> str | None:
    """Returns the list (`divisions.town`) that has every value as a code; None for a header that names no division."""
    if not _CODE_HEADERS.search(header):
        return None
    codes = {identifiers.normalize_division_code(value) for value in values}
    return next((name for level, _ in _LISTS if codes <= divisions.codes_in_list(name := f"divisions.{level}")), None)


def list_of_names(header: str, values: Sequence[str], divisions: Divisions) -> str | None:
    """Returns the list (`divisions.town_name`) that has every value as a name, under a header that names such divisions."""
    names = {value.strip() for value in values}
    return next(
        (
            name
            for level, form in _LISTS
            if form.search(header) and names <= divisions.codes_in_list(name := f"divisions.{level}_name")
        ),
        None,
    )
