"""How fast a document is marked: processor time of this process."""

from __future__ import annotations

import io
import time

import pytest
import xlsxwriter

from loaders.annotation import annotate
from loaders.model import Issue, Severity

pytestmark = pytest.mark.bench
MOST_SECONDS = 0.15


def test_a_workbook_of_200_rows_with_40_marks() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("表1")
        for row in range(200):
            sheet.write_row(row, 0, [f"TF{row}", "河南岸街道", row, row / 3, "备注"] * 3)
    issues = [Issue("type", Severity.ERROR, "要改", "fix it", sheet="表1", cell=f"C{row}") for row in range(1, 41)]
    annotate(buffer.getvalue(), "a.xlsx", issues)
    started = time.process_time()
    annotate(buffer.getvalue(), "a.xlsx", issues)
    taken = time.process_time() - started
    print(f"200 rows, 40 marks: {taken * 1000:.0f} ms")
    assert taken < MOST_SECONDS
