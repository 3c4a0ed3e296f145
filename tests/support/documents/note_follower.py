"""An office that corrects its document by the notes alone: it looks at no cell that has none."""

from __future__ import annotations

import io
import re

import openpyxl
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from tests.support.documents.broken_workbooks import Truth

OWN = "【惠民校验】"
# `第 25 行“在岗社工数”合计为 76，而第 6—24 行实际为 75；请核对合计或明细`
_TOTAL = re.compile(r"合计为 \S+，而第 .* 行实际为 ([\d.]+)；")


def notes_of(content: bytes) -> dict[tuple[str, str], str]:
    """Returns our words of every note by sheet and cell."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {
        (sheet.title, cell.coordinate): cell.comment.text.partition(OWN)[2]
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.comment is not None and OWN in cell.comment.text
    }


def follow_notes(content: bytes, truth: Truth) -> bytes:
    """Does in each cell with a note what the note asks for, and saves the document as another program would.

    Where a value must be typed again, the office knows it.
    """
    book = openpyxl.load_workbook(io.BytesIO(content))
    for (name, place), words in sorted(notes_of(content).items()):
        _correct(book[name], place, words, truth.get((name, place)))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _correct(sheet: Worksheet, place: str, words: str, right: object) -> None:
    cell = sheet[place]
    total = _TOTAL.search(words)
    if "请删除多余的一行" in words and "重复" in words:
        for other in sheet[cell.row]:
            other.value = None
        return
    cell.value = float(total[1]) if total else right
    cell.number_format = "yyyy-mm-dd" if hasattr(right, "year") else "General"
    cell.font = Font()
