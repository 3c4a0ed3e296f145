"""Marks in workbooks that real offices published, when the corpus is beside the checkout."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from loaders.annotation import annotate
from loaders.model import Issue, Severity
from loaders.reading.formats.readers.ooxml.workbook import read_ooxml
from loaders.reading.model.issue_list import is_issue_list

CORPUS = Path(__file__).parents[4] / "shared" / "corpus"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real files (../shared/corpus) is not here")


@pytest.mark.parametrize("prefix", ["07", "09", "10", "12", "17"])
def test_only_the_parts_of_one_sheet_are_edited_and_all_cells_stay(prefix: str) -> None:
    content = next(CORPUS.glob(f"{prefix}_*.xlsx")).read_bytes()
    before = read_ooxml(io.BytesIO(content)).sheets
    issues = [Issue("type", Severity.ERROR, "要改", "fix it", sheet=before[0].name, cell=cell) for cell in ("B5", "C7", "Z9")]
    marked = annotate(content, "a.xlsx", issues).content
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(io.BytesIO(marked)) as new:
        edited = [name for name in old.namelist() if old.read(name) != new.read(name)]
    # The sheet, its relationships where it has any, styles, workbook with its relationships, content types.
    assert len(edited) <= 6 and sum(name.startswith("xl/worksheets/sheet") for name in edited) == 1
    after = [sheet for sheet in read_ooxml(io.BytesIO(marked)).sheets if not is_issue_list(sheet)]
    assert [(sheet.name, sheet.rows, sheet.merges) for sheet in after] == [
        (sheet.name, sheet.rows, sheet.merges) for sheet in before
    ]
