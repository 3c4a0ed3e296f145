"""The table of rows that would be loaded is opened in spreadsheets: it holds no text that one would run."""

import csv
from pathlib import Path

import pyarrow as pa

from loaders.checking import CheckedDocument, write_accepted
from loaders.contract import Report
from loaders.model import ValidationResult
from loaders.raw_schema import raw_schema
from tests.support.documents.contracts import make_report


def test_texts_are_guarded_and_numbers_are_numbers(tmp_path: Path) -> None:
    columns = [
        {"name": "code", "header": "编号", "required": True, "key": True},
        {"name": "amount", "header": "金额", "type": "decimal", "shape": [18, 2]},
    ]
    report: Report = make_report(columns)
    schema = pa.schema([pa.field("_sheet", pa.string()), pa.field("_row", pa.int32()), *raw_schema(report)])
    rows = [{"_sheet": "=表", "_row": 2, "code": "＝1+1", "amount": -5}, {"_sheet": "表", "_row": 3, "code": "+3.2", "amount": 1}]
    accepted = pa.Table.from_pylist(rows, schema)
    checked = CheckedDocument(Path("@a.xlsx"), report, result=ValidationResult(accepted, accepted.slice(0, 0)))
    assert write_accepted([checked], tmp_path / "out.csv") == 2
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        first, second = csv.DictReader(file)
    assert [first[name] for name in ("_file", "_sheet", "code", "amount")] == ["'@a.xlsx", "'=表", "'＝1+1", "-5.00"]
    assert [second[name] for name in ("_sheet", "code", "amount")] == ["表", "+3.2", "1.00"]
