"""Workbook part: its sheets, and the list of issues that becomes the first of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from loaders.annotation.ooxml.package_editor import PackageEditor
from loaders.annotation.ooxml.xml_text import child, insert_ordered, local_name, new_element, required_child
from loaders.reading.formats.opc_package import part_of_kind
from loaders.reading.model.issue_list import list_names, list_titles

_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_MOST_NAME_CHARACTERS = 31
_AFTER_VIEWS = frozenset(
    {
        *("sheets", "functionGroups", "externalReferences", "definedNames", "calcPr", "oleSize", "customWorkbookViews"),
        *("pivotCaches", "smartTagPr", "smartTagTypes", "webPublishing", "fileRecoveryPr", "webPublishObjects", "extLst"),
    }
)


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """A worksheet of the workbook: its name and its part."""

    name: str
    part: str


class WorkbookPart:
    """The sheets of a workbook. `own_list` is the list of issues of an earlier copy."""

    def __init__(self, editor: PackageEditor) -> None:
        self._editor = editor
        parts = editor.related(editor.workbook)
        self._entries = list(editor.tree(editor.workbook).iterfind("{*}sheets/{*}sheet"))
        placed = [(entry.get("name", ""), parts.get(_relation_of(entry), ("", ""))) for entry in self._entries]
        sheets = [SheetEntry(name, part) for name, (kind, part) in placed if kind == "worksheet" and editor.has(part)]
        self.own_list = next((sheet for sheet in sheets if self._is_own(sheet)), None)
        self.sheets = [sheet for sheet in sheets if sheet is not self.own_list]

    def list_name(self, name: str) -> str:
        """Returns the name of the list of issues: that of the earlier one, else `name`, with a number if the name is taken."""
        if self.own_list is not None:
            return self.own_list.name
        taken = {entry.get("name", "").casefold() for entry in self._entries}
        names = (name if number == 1 else f"{name} ({number})" for number in range(1, len(taken) + 2))
        return next(free for free in names if free.casefold() not in taken)[:_MOST_NAME_CHARACTERS]

    def put_list(self, name: str, text: bytes) -> None:
        """Puts the list of issues first, or in the place of the earlier one. The sheet that was shown stays the one shown."""
        if self.own_list is not None:
            self._editor.write(self.own_list.part, text)
            rels = self.own_list.part.rpartition("/")
            related = f"{rels[0]}/_rels/{rels[2]}.rels"
            if self._editor.has(related):
                self._editor.remove(related)
            return
        part = self._editor.free_name("xl/worksheets/sheet{}.xml")
        self._editor.write(part, text, _SHEET_TYPE)
        identity = self._editor.relate(self._editor.workbook, "worksheet", part)
        root = self._editor.edit(self._editor.workbook)
        sheets = required_child(root, "sheets")
        number = max((int(entry.get("sheetId", "0")) for entry in sheets.iterchildren("{*}sheet")), default=0) + 1
        entry = new_element(sheets, "sheet", name=name, sheetId=str(number))
        entry.set(f"{{{self._editor.relations}}}id", identity)
        sheets.insert(0, entry)
        _move_indexes(root)

    def _is_own(self, sheet: SheetEntry) -> bool:
        if not sheet.name.startswith(list_names()):
            return False
        cell = next(self._editor.tree(sheet.part).iterfind("{*}sheetData/{*}row/{*}c"), None)
        return cell is not None and self._text_of(cell) in list_titles()

    def _text_of(self, cell: Any) -> str:
        if cell.get("t") != "s":
            return "".join(cell.itertext())
        strings = part_of_kind(self._editor.related(self._editor.workbook), "sharedStrings")
        items = list(self._editor.tree(strings).iterchildren("{*}si")) if strings else []
        number = int("".join(cell.itertext()) or -1)
        return "".join(text.text or "" for text in items[number].iter("{*}t")) if 0 <= number < len(items) else ""


def _relation_of(entry: Any) -> str:
    return next((value for key, value in entry.attrib.items() if key.rpartition("}")[2] == "id"), "")


def _move_indexes(root: Any) -> None:
    """Moves what counts sheets by their position: local names (print areas among them) and the sheet that is shown."""
    for name in root.iterfind("{*}definedNames/{*}definedName"):
        if name.get("localSheetId") is not None:
            name.set("localSheetId", str(int(name.get("localSheetId")) + 1))
    views = child(root, "bookViews")
    if views is None:
        views = new_element(root, "bookViews")
        insert_ordered(root, views, _AFTER_VIEWS)
        views.append(new_element(views, "workbookView"))
    for view in views:
        if local_name(view) == "workbookView":
            # Not ours: two selected sheets would be edited as a group.
            view.set("activeTab", str(int(view.get("activeTab") or 0) + 1))
            view.attrib.pop("firstSheet", None)
