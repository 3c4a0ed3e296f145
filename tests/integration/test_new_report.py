"""`new-report --sample` on real documents: a contract that is right beside all others and fits the sample, or nothing."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from loaders.contract import ContractError, Report, load_reports
from loaders.reading import ReaderPool, ReadRequest
from loaders.scaffold.report_files import scaffold_report
from loaders.settings import ReadingLimits
from tests.support.documents.biff import BiffSheet, biff_stream, label, merge, number
from tests.support.documents.workbooks import encrypted

pytestmark = pytest.mark.integration

TWO = [["序号", "日期", "现金", None, "银行", None], [None, None, "人数", "金额（万元）", "人数", "金额（万元）"]]
MERGES = ("A2:A3", "B2:B3", "C2:D2", "E2:F2")
ROWS = [[1, "2020-01-24", 1, 2.5, 3, 4], [2, "2020-01-25", 1, 2, 3, 4]]
HEADERS = ["序号", "日期", "现金 人数", "现金 金额（万元）", "银行 人数", "银行 金额（万元）"]


def xlsx(rows: list[list[Any]], merges: tuple[str, ...] = ()) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for area in merges:
        book.active.merge_cells(area)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xls() -> bytes:
    records = [
        merge(0, 0, 0, 5),
        merge(1, 2, 0, 0),
        merge(1, 2, 1, 1),
        merge(1, 1, 2, 3),
        merge(1, 1, 4, 5),
        label(0, 0, "收入表"),
    ]
    for place, row in enumerate([*TWO, *ROWS], start=1):
        for column, value in enumerate(row):
            if value is not None:
                records.append(label(place, column, value) if isinstance(value, str) else number(place, column, value))
    return biff_stream([BiffSheet("表1", records)])


def csv(encoding: str, delimiter: str) -> bytes:
    rows = [["名称", "金额（元）", "备注"], ["甲", "1.50", f'"a{delimiter}b"'], ["乙", "2", ""]]
    return "\r\n".join(map(delimiter.join, rows)).encode(encoding)


SAMPLES: dict[str, tuple[str, Callable[[], bytes], list[str], dict[str, Any]]] = {
    "a title and two rows": (
        "a.xlsx",
        lambda: xlsx([["收入表"], *TWO, *ROWS], ("A1:F1", *MERGES)),
        HEADERS,
        {"format": {"kind": "workbook"}},
    ),
    "xls": ("a.xls", xls, HEADERS, {"format": {"kind": "workbook"}}),
    "letters below": (
        "a.XLSX",
        lambda: xlsx([[], *TWO, ["A", "B", "C", "D", "E", "F"], *ROWS], MERGES),
        HEADERS,
        {"format": {"kind": "workbook"}},
    ),
    "gb18030": (
        "a.csv",
        lambda: csv("gb18030", ","),
        ["名称", "金额（元）", "备注"],
        {"format": {"kind": "delimited", "encoding": "gb18030"}},
    ),
    "utf-8 and ;": (
        "a.csv",
        lambda: csv("utf-8", ";"),
        ["名称", "金额（元）", "备注"],
        {"format": {"kind": "delimited", "delimiter": ";"}},
    ),
    "utf-8 with a mark and tabs": (
        "a.txt",
        lambda: csv("utf-8-sig", "\t"),
        ["名称", "金额（元）", "备注"],
        {"format": {"kind": "delimited", "encoding": "utf-8-sig", "delimiter": "\t"}},
    ),
    "utf-16 and |": (
        "a.csv",
        lambda: csv("utf-16", "|"),
        ["名称", "金额（元）", "备注"],
        {"format": {"kind": "delimited", "encoding": "utf-16", "delimiter": "|"}},
    ),
    "records": (
        "a.jsonl",
        lambda: b"".join(
            json.dumps({"orgCode": f"X{n}", "name": "甲", "updatedAt": "2023-05-01"}).encode() + b"\n" for n in (1, 2)
        ),
        ["orgCode", "name", "updatedAt"],
        {"format": {"kind": "records"}, "replaces": "key"},
    ),
    "a header twice": (
        "a.xlsx",
        lambda: xlsx([["名称", "备注", "数量", "备注"], ["甲", "x", 1, "y"]]),
        ["名称", "数量"],
        {"ignored_headers": ["备注"]},
    ),
    "rows that nothing tells apart": (
        "a.xlsx",
        lambda: xlsx([["日期", "金额"], ["2023-05-01", 1], ["2023-05-01", 1]]),
        ["日期", "金额"],
        {"replaces": "nothing"},
    ),
    "two currencies": (
        "a.xlsx",
        lambda: xlsx([["单位：元"], ["名称", "金额"], ["甲", 1], [], ["单位：美元"], ["名称", "金额"], ["乙", 1]]),
        ["名称", "金额"],
        {},
    ),
    "a header that YAML would read otherwise": (
        "a.xlsx",
        lambda: xlsx([["no", "# {x}, [y]", "'a\" \\"], ["a1", "b2", "c3"]]),
        ["no", "# {x}, [y]", "'a\" \\"],
        {},
    ),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    scaffold_report(tmp_path, system="charity", name="beside", code="CH99")
    return tmp_path


def new_report(root: Path, content: bytes | None, file: str = "a.xlsx", **more: Any) -> list[str]:
    """Call it with a sample of this content; what it remarks on."""
    remarks: list[str] = []
    sample = root / file if content is not None else None
    if sample is not None and content is not None:
        sample.write_bytes(content)
    said = {"system": "charity", "name": "made", "code": "CH98"} | more
    scaffold_report(root, **said, sample=sample, remark=remarks.append)
    return remarks


@pytest.mark.parametrize("kind", SAMPLES)
def test_the_contract_is_right_and_its_sample_fits_it(root: Path, kind: str) -> None:
    name, content, headers, expected = SAMPLES[kind]
    remarks = new_report(root, content(), name)
    report = load_reports(root / "expectations")["made"]
    assert [column.header for column in report.columns] == headers
    said = report.model_dump(mode="json", exclude_unset=True)
    for field, value in expected.items():
        assert {**said[field], **value} == said[field] if isinstance(value, dict) else said[field] == value
    assert bool(remarks) == (kind in {"a header twice", "rows that nothing tells apart"})
    with ReaderPool(ReadingLimits()) as pool:
        reading = pool.read(ReadRequest(root / name, report))
    assert reading.refusal is None and reading.rows.num_rows > 0


def test_amounts_in_wan_become_yuan(root: Path) -> None:
    new_report(root, xlsx([["收入表"], *TWO, *ROWS], ("A1:F1", *MERGES)))
    report: Report = load_reports(root / "expectations")["made"]
    amount = report.column("column_4")
    assert (amount.type, amount.unit, amount.printed_unit) == ("decimal", "元", "万元")
    assert report.column("column_2").type == "date"
    assert report.key == ("column_2",)


REFUSED: list[tuple[dict[str, Any], bytes | None, str]] = [
    ({"name": "Made"}, None, "NAME is English in small letters"),
    ({"name": "../made"}, None, "NAME is English in small letters"),
    ({"code": "1CH"}, None, "--code is letters, digits and -, beginning with a letter"),
    ({"code": "SW11"}, None, "nothing was written: code: expected a code that begins with CH, found SW11"),
    ({"code": "CH99"}, None, r"code CH99 is that of charity/beside.yml; the next free one is CH01"),
    ({"name": "beside", "system": "social_work", "code": "SW98"}, None, "there is a report beside already: charity/beside.yml"),
    ({"system": "finance"}, None, "finance"),
    ({"title": "a\nb"}, None, "title: zh must be one line"),
    ({}, b"", "nothing was written"),
    ({}, b"\x00\x01\x02 no workbook", "nothing was written"),
    ({}, xlsx([["只有标题"]]), "no header was found"),
    ({}, xlsx([["备注", "备注"], ["a", "b"]]), "every header stands twice"),
    ({}, encrypted(xlsx([["名称", "金额"], ["甲", 1]]), "secret"), "password"),
    ({}, b'[{"a": 1}]', "nothing was written"),
]


@pytest.mark.parametrize(("said", "content", "reported"), REFUSED)
def test_what_makes_no_contract_writes_nothing(root: Path, said: dict[str, Any], content: bytes | None, reported: str) -> None:
    before = sorted((root / "expectations").rglob("*"))
    with pytest.raises(ContractError, match=reported):
        new_report(root, content, **said)
    assert sorted((root / "expectations").rglob("*")) == before


def test_a_sample_under_a_password(root: Path) -> None:
    new_report(root, encrypted(xlsx([["名称", "金额"], ["甲", 1]]), "secret"), password="secret")
    assert list(load_reports(root / "expectations")) == ["beside", "made"]


def test_a_contract_with_a_fault_beside_it_is_no_hindrance(root: Path) -> None:
    (root / "expectations" / "charity" / "beside.yml").write_text("report: [", encoding="utf-8")
    new_report(root, xlsx([["名称", "金额"], ["甲", 1]]))
    assert (root / "expectations" / "charity" / "made.yml").exists()
