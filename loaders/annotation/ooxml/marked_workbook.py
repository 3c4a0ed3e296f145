"""Marks a workbook: fills and notes in its own sheets, and the list of issues before them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from loaders.annotation.issue_table import issue_table
from loaders.annotation.ooxml.list_sheet import list_sheet
from loaders.annotation.ooxml.notes import Notes, free_blocks
from loaders.annotation.ooxml.package_editor import PackageEditor
from loaders.annotation.ooxml.sheet_cells import SheetCells
from loaders.annotation.ooxml.styles import Styles
from loaders.annotation.ooxml.workbook_part import SheetEntry, WorkbookPart
from loaders.annotation.ooxml.xml_text import namespace_of
from loaders.annotation.places import MOST_NOTES, MarkedIssue, Place, marks_of, place_of
from loaders.contract import Report
from loaders.messages import phrase
from loaders.reading.model.sheets import address

_SUFFIXES = {
    "application/vnd.ms-excel.sheet.macroEnabled.main+xml": ".xlsm",
    "application/vnd.ms-excel.template.macroEnabled.main+xml": ".xltm",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml": ".xltx",
}


@dataclass(frozen=True, slots=True)
class _MarkedSheet:
    """A sheet with its issues, each with its place where it has one."""

    entry: SheetEntry
    cells: SheetCells
    placed: list[tuple[Place, MarkedIssue]]


def mark_workbook(
    content: bytes, file_name: str, report: Report | None, issues: Sequence[MarkedIssue], lang: str
) -> tuple[bytes, str]:
    """Returns the marked workbook and the suffix that its content type needs.

    Raises:
        Refusal: the package is too large, or its members are encrypted.
        PartTooLarge: a part that must be edited is too large.
        Exception: one of CORRUPTION_ERRORS, if the package is damaged.
    """
    editor = PackageEditor(content)
    workbook = WorkbookPart(editor)
    styles = Styles(editor)
    if workbook.own_list is not None:
        _remove_own_marks(editor, workbook, styles)
    marked, targets = _placed(editor, workbook, issues)
    notes_left, block = MOST_NOTES, free_blocks(editor, (sheet.part for sheet in workbook.sheets))
    for sheet in marked.values():
        notes_left = _mark_sheet(editor, styles, sheet, lang, notes_left, block)
    remarks = [phrase("annotation.how_to")] if issues else []
    marked_cells = sum(len({place for place, _ in sheet.placed}) for sheet in marked.values())
    table = issue_table(file_name, report, issues, targets, lang, remarks, marked_cells)
    name = workbook.list_name(table.name)
    workbook.put_list(name, list_sheet(table, styles.list_formats(), namespace_of(editor.tree(editor.workbook))))
    return editor.to_bytes(), _SUFFIXES.get(editor.main_content_type(), ".xlsx")


def _placed(
    editor: PackageEditor, workbook: WorkbookPart, issues: Sequence[MarkedIssue]
) -> tuple[Mapping[str, _MarkedSheet], list[tuple[str, str] | None]]:
    """Returns the sheets to be marked by name, and the cell of each issue."""
    entries = {sheet.name: sheet for sheet in workbook.sheets}
    marked: dict[str, _MarkedSheet] = {}
    targets: list[tuple[str, str] | None] = []
    for issue in issues:
        only = next(iter(entries)) if len(entries) == 1 else ""
        name = issue.sheet or only
        if name not in entries:
            targets.append(None)
            continue
        if issue.cell is None and not issue.row:
            targets.append((name, "A1"))
            continue
        if name not in marked:
            marked[name] = _MarkedSheet(entries[name], SheetCells(editor.edit(entries[name].part)), [])
        place = place_of(issue, marked[name].cells.first_filled, lambda _: None)
        if place is not None:
            place = marked[name].cells.anchor(*place)
            marked[name].placed.append((place, issue))
        targets.append((name, address(*place)) if place else None)
    return marked, targets


def _mark_sheet(
    editor: PackageEditor, styles: Styles, sheet: _MarkedSheet, lang: str, notes_left: int, block: Callable[[], int]
) -> int:
    """Fills the cells of a sheet and adds their notes. Returns how many notes may follow in other sheets."""
    marks = marks_of(sheet.placed, lang, notes_left)
    for mark in marks:
        style = styles.filled(sheet.cells.style(mark.row, mark.column), is_error=mark.is_error)
        sheet.cells.set_style(mark.row, mark.column, style)
    Notes(editor, sheet.entry.part).add(marks, block)
    return max(0, notes_left - len(marks))


def _remove_own_marks(editor: PackageEditor, workbook: WorkbookPart, styles: Styles) -> None:
    """Removes the fills and notes of an earlier copy. A cell that had a fill of its own before has none afterwards."""
    for sheet in workbook.sheets:
        Notes(editor, sheet.part).remove_own()
        for cell in SheetCells(editor.edit(sheet.part)).styled():
            style = int(cell.get("s"))
            cell.set("s", str(styles.without_own_fill(style)))
