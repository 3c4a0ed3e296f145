"""A chart: its picture, and its numbers as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture with its title, and the same numbers as rows below `columns`; the first cell of a row is its heading.

    `shades` are the classes of a map, each with its least and its largest value.
    """

    title: str
    svg: Markup
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    shades: tuple[tuple[int, Any, Any], ...] = ()
