"""How fast a month's forms of one report go from bytes to verdicts: read in the sandbox, judged as one batch by the engine.

What counts is processor time: that of the two readers side by side, then that of this process. The clock tells the same on a
machine that does nothing else.
"""

from __future__ import annotations

import resource
import time
from pathlib import Path

import pytest

from loaders.contract import Report
from loaders.divisions import Divisions
from loaders.period import Period
from loaders.reading import ReaderPool, ReadRequest
from loaders.settings import PROJECT_ROOT, ReadingLimits
from loaders.validation import ValidationInput, Validator
from tests.bench.test_format_speed import FILES, ROWS, write_form
from tests.support.documents.contracts import VISIT

pytestmark = pytest.mark.bench
LEAST_A_SECOND = 100
REPORT = Report.model_validate(
    VISIT
    | {
        "name": "fund_month",
        "system": "charity",
        "source": {"kind": "file_drop", "connection": "drop", "pattern": r"(?P<unit>\d+)/(?P<period>\d{4}-\d{2})\.xlsx"},
        "format": {"kind": "workbook"},
        "ignored_headers": ["序号"],
        "columns": [
            {"name": "fund_name", "header": "名称", "required": True},
            {"name": "fund_code", "header": "编码", "required": True, "key": True},
            {"name": "opened_date", "header": "日期", "type": "date", "required": True},
            {"name": "raised_yuan", "header": "金额", "type": "decimal", "shape": [14, 2], "unit": "元"},
            {"name": "persons_count", "header": "人数", "type": "integer"},
            {"name": "remark", "header": "备注"},
            {"name": "phone", "header": "电话", "type": "phone", "pii": "contact"},
        ],
        "rules": [
            {
                "expect": "expect_column_values_to_be_between",
                "arguments": {"column": "persons_count", "min_value": 0, "max_value": 5},
                "meaning": {"zh": "人数在0至5之间", "en": "0 to 5 persons"},
                "severity": "warning",
            }
        ],
    }
)


def seconds_of_children() -> float:
    """The processor time of all child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_small_workbooks_are_read_and_validated_as_one_batch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    divisions = Divisions.load(PROJECT_ROOT / "dbt_project" / "seeds" / "divisions.csv")
    paths = [tmp_path / f"{number}.xlsx" for number in range(FILES)]
    for number, path in enumerate(paths):
        write_form(path, number)
    validator = Validator(REPORT, divisions, b"a key for a timing")
    validator.preload().result()
    own, readers, begun = time.process_time(), seconds_of_children(), time.perf_counter()
    with ReaderPool(ReadingLimits()) as pool:
        readings = pool.read_many([ReadRequest(path, REPORT) for path in paths])
    readers = seconds_of_children() - readers
    results = validator.validate([ValidationInput(reading, "441302", Period.parse("2023-06")) for reading in readings])
    own, clock = time.process_time() - own, time.perf_counter() - begun
    speed = FILES / (readers / 2 + own)
    with capsys.disabled():
        print(
            f"\n{FILES} workbooks of {ROWS} rows: {readers:.2f} s of two readers, {own:.2f} s of the judge and the rest: "
            f"{speed:.0f} a second on two cores ({FILES / clock:.0f} by the clock)"
        )
    assert [result.accepted.num_rows for result in results] == [ROWS] * FILES
    assert all(dict(reading.furniture) == {"title": 2, "header": 2, "total": 1, "signature": 1} for reading in readings)
    assert speed >= LEAST_A_SECOND
