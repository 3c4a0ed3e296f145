"""Styles part: cell formats that are copies of the workbook's own with another fill, and those of the list of issues."""

from __future__ import annotations

import copy
from typing import Any

from lxml import etree

from loaders.annotation.colors import ERROR_FILL, WARNING_FILL, fill_color
from loaders.annotation.ooxml.package_editor import PackageEditor
from loaders.annotation.ooxml.xml_text import child, insert_ordered, namespace_of, new_element
from loaders.reading.formats.opc_package import part_of_kind

_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_ORDER = (
    "numFmts",
    "fonts",
    "fills",
    "borders",
    "cellStyleXfs",
    "cellXfs",
    "cellStyles",
    "dxfs",
    "tableStyles",
    "colors",
    "extLst",
)
# What a workbook without styles is shown in; the first two fills are reserved.
_MINIMUM = {
    "fonts": ('<font><sz val="11"/><name val="宋体"/></font>',),
    "fills": ('<fill><patternFill patternType="none"/></fill>', '<fill><patternFill patternType="gray125"/></fill>'),
    "borders": ("<border><left/><right/><top/><bottom/><diagonal/></border>",),
    "cellStyleXfs": ('<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>',),
    "cellXfs": ('<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>',),
}


class Styles:
    """The cell formats of one workbook."""

    def __init__(self, editor: PackageEditor) -> None:
        self._root = editor.edit(_styles_part(editor))
        self._filled: dict[tuple[int, str | None], int] = {}
        self._fills: dict[str, int] = {}
        for name in _MINIMUM:
            self._ensure(name)
        self._xfs = child(self._root, "cellXfs")
        self._own_fills = self._find_own_fills()

    def filled(self, style: int, *, is_error: bool) -> int:
        """Returns the cell format that is `style` with the fill of an error or a warning."""
        return self._with_fill(style, fill_color(is_error=is_error))

    def without_own_fill(self, style: int) -> int:
        """Returns the cell format that is `style` without a fill, if the fill is one of ours; else `style`."""
        if not 0 <= style < len(self._xfs) or self._xfs[style].get("fillId") not in self._own_fills:
            return style
        return self._with_fill(style, None)

    def list_formats(self) -> dict[str, int]:
        """Adds the cell formats of the list of issues and returns their numbers by name."""
        bold = self._add("fonts", '<font><b/><sz val="14"/><name val="微软雅黑"/></font>')
        heading = self._add("fonts", '<font><b/><sz val="11"/><name val="微软雅黑"/></font>')
        plain = self._add("fonts", '<font><sz val="10"/><name val="微软雅黑"/></font>')
        link = self._add("fonts", '<font><u/><sz val="10"/><color rgb="FF0563C1"/><name val="微软雅黑"/></font>')
        edges = "".join(f'<{side} style="thin"><color rgb="FFBFBFBF"/></{side}>' for side in ("left", "right", "top", "bottom"))
        border = self._add("borders", f"<border>{edges}<diagonal/></border>")
        grey = self._add("fills", _solid("E7E6E6"))
        return {
            "title": self._list_format(bold, 0, 0, wraps=False),
            "remark": self._list_format(plain, 0, 0, wraps=False),
            "heading": self._list_format(heading, grey, border),
            "text": self._list_format(plain, 0, border),
            "link": self._list_format(link, 0, border),
            "error": self._list_format(plain, self._fill(ERROR_FILL), border),
            "warning": self._list_format(plain, self._fill(WARNING_FILL), border),
        }

    def _list_format(self, font: int, fill: int, border: int, *, wraps: bool = True) -> int:
        return self._add(
            "cellXfs",
            f'<xf numFmtId="49" fontId="{font}" fillId="{fill}" borderId="{border}" applyNumberFormat="1" applyFont="1" '
            f'applyFill="1" applyBorder="1" applyAlignment="1"><alignment vertical="top" wrapText="{int(wraps)}"/></xf>',
        )

    def _with_fill(self, style: int, color: str | None) -> int:
        found = self._filled.get((style, color))
        if found is None:
            xf = copy.deepcopy(self._xfs[style if 0 <= style < len(self._xfs) else 0])
            xf.set("fillId", str(0 if color is None else self._fill(color)))
            xf.set("applyFill", "1")
            found = self._filled[style, color] = self._append(self._xfs, xf)
        return found

    def _fill(self, color: str) -> int:
        if color not in self._fills:
            self._fills[color] = self._add("fills", _solid(color))
        return self._fills[color]

    def _find_own_fills(self) -> set[str]:
        """The numbers of fills that an earlier copy added, in whatever words a spreadsheet program saved them."""
        fills = child(self._root, "fills")
        colors = {ERROR_FILL, WARNING_FILL}
        return {
            str(number)
            for number, fill in enumerate(fills)
            for color in fill.iter("{*}fgColor")
            if color.get("rgb", "")[-6:].upper() in colors
        }

    def _ensure(self, name: str) -> None:
        """Adds a list of styles that the part lacks, and the members that every such list has."""
        container = child(self._root, name)
        if container is None:
            container = new_element(self._root, name)
            insert_ordered(self._root, container, frozenset(_ORDER[_ORDER.index(name) + 1 :]))
        for text in _MINIMUM[name][len(container) :]:
            self._append(container, _parsed(text, container))

    def _add(self, name: str, text: str) -> int:
        container = child(self._root, name)
        return self._append(container, _parsed(text, container))

    def _append(self, container: Any, element: Any) -> int:
        container.append(element)
        container.set("count", str(len(container)))
        return len(container) - 1


def _solid(color: str) -> str:
    return f'<fill><patternFill patternType="solid"><fgColor rgb="FF{color}"/><bgColor indexed="64"/></patternFill></fill>'


def _parsed(text: str, beside: Any) -> Any:
    """Parses an element of ours into the namespace of the part."""
    name = text[1:].partition(">")[0].partition(" ")[0]
    return etree.fromstring(text.replace(f"<{name}", f'<{name} xmlns="{namespace_of(beside)}"', 1))


def _styles_part(editor: PackageEditor) -> str:
    part = part_of_kind(editor.related(editor.workbook), "styles")
    if part is not None and editor.has(part):
        return part
    part = "xl/styles.xml" if not editor.has("xl/styles.xml") else editor.free_name("xl/styles{}.xml")
    space = namespace_of(editor.tree(editor.workbook))
    editor.write(part, f'<styleSheet xmlns="{space}"/>'.encode(), _CONTENT_TYPE)
    editor.relate(editor.workbook, "styles", part)
    return part
