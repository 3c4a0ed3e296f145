"""VML drawing of a sheet: one shape per note. It is edited as text, because Excel's own drawings are not always XML."""

from __future__ import annotations

import re
from collections.abc import Iterable

_EMPTY = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{block}"/>'
    '</o:shapelayout><v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype></xml>'
)
# Declares its own prefixes: the drawing that it joins may use others.
_SHAPE = (
    '<v:shape xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel" id="_x0000_s{identity}" type="#_x0000_t202" '
    "style='position:absolute;margin-left:80pt;margin-top:5pt;width:220pt;height:{height}pt;z-index:{order};visibility:hidden' "
    'fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/>'
    "<v:path o:connecttype=\"none\"/><v:textbox style='mso-direction-alt:auto'><div style='text-align:left'></div></v:textbox>"
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
    "<x:Anchor>{left}, 12, {top}, 4, {right}, 12, {bottom}, 4</x:Anchor><x:AutoFill>False</x:AutoFill>"
    "<x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)
# `<o:idmap v:ext="edit" data="1,3"/>`: the blocks of 1024 shape ids that a drawing uses
_IDMAP = re.compile(r"""(<\w+:idmap\b[^>]*?\bdata=["'])([\d, ]+)(["'])""")
_SHAPES = re.compile(r"<(?P<name>\w+:shape)\b.*?</(?P=name)>", re.DOTALL)
_ROW = re.compile(r":Row>\s*(\d+)\s*<")
_COLUMN = re.compile(r":Column>\s*(\d+)\s*<")
_IDS_PER_BLOCK = 1024
_CHARACTERS_PER_LINE = 18


def used_blocks(drawing: str) -> Iterable[int]:
    """Returns the blocks of shape ids that a drawing uses."""
    return [int(number) for match in _IDMAP.finditer(drawing) for number in match[2].split(",") if number.strip()]


def with_shapes(drawing: str | None, notes: Iterable[tuple[int, int, str]], block: int) -> str:
    """Returns a drawing with a shape per note, in a block of ids of their own.

    Args:
        drawing: the drawing of the sheet; None if it has none.
        notes: row, column (from 1) and text of each.
        block: a block that no drawing of the workbook uses.
    """
    if drawing is None:
        drawing = _EMPTY.format(block=block)
    else:
        drawing = _IDMAP.sub(lambda match: f"{match[1]}{match[2]},{block}{match[3]}", drawing, count=1)
    shapes = "".join(
        _shape(row, column, text, block * _IDS_PER_BLOCK + number) for number, (row, column, text) in enumerate(notes, start=1)
    )
    end = drawing.rfind("</")
    return drawing[:end] + shapes + drawing[end:]


def without_shapes(drawing: str, places: Iterable[tuple[int, int]]) -> str:
    """Returns a drawing without the shapes of the notes at these rows and columns (from 1)."""
    gone = set(places)
    return _SHAPES.sub(lambda match: "" if _place(match[0]) in gone else match[0], drawing)


def _place(shape: str) -> tuple[int, int] | None:
    row, column = _ROW.search(shape), _COLUMN.search(shape)
    return (int(row[1]) + 1, int(column[1]) + 1) if row and column and "Note" in shape else None


def _shape(row: int, column: int, text: str, identity: int) -> str:
    lines = sum(1 + len(line) // _CHARACTERS_PER_LINE for line in text.split("\n")) + 1
    return _SHAPE.format(
        identity=identity,
        order=identity % _IDS_PER_BLOCK,
        height=lines * 14,
        left=column,
        right=column + 4,
        top=max(row - 2, 0),
        bottom=max(row - 2, 0) + lines,
        row=row - 1,
        column=column - 1,
    )
