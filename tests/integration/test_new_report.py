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


REMARKED = {"a header twice", "rows that nothing tells apart"}


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
    scaffold_report(root, **said, samples=[sample] if sample else [], remark=remarks.append)
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
    # A key of one row is a guess, and remarked as well.
    others = [one for one in remarks if "the sample has one row" not in one]
    assert bool(others) == (kind in REMARKED)
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
    ({}, b'[{"a": 1},', "nothing was written"),
    ({}, b"<a><b>1</b>", "nothing was written"),
]


@pytest.mark.parametrize(("said", "content", "reported"), REFUSED)
def test_what_makes_no_contract_writes_nothing(root: Path, said: dict[str, Any], content: bytes | None, reported: str) -> None:
    before = sorted((root / "expectations").rglob("*"))
    with pytest.raises(ContractError, match=reported):
        new_report(root, content, **said)
    assert sorted((root / "expectations").rglob("*")) == before


ANSWERS: dict[str, tuple[str, str, str]] = {
    "an array": ("a.json", '[{"orgCode": "X1", "orgName": "甲"}, {"orgCode": "X2", "orgName": null}]', "(root) (json)"),
    "several lines": ("a.json", '[\n {"orgCode": "X1", "orgName": "甲"},\n {"orgCode": "X2"}\n]\n', "(root) (json)"),
    "a list within": (
        "a.json",
        '{"code": 0, "data": {"total": 2, "list": [{"orgCode": "X1", "orgName": "甲"}, {"orgCode": "X2", "orgName": "乙"}]}}',
        "data.list (json)",
    ),
    "the longest list": (
        "a.json",
        '{"links": [{"rel": "next"}], "items": [{"orgCode": "X1", "orgName": "甲"}, {"orgCode": "X2", "orgName": "乙"}]}',
        "items (json)",
    ),
    "xml": (
        "a.xml",
        "<?xml version='1.0' encoding='UTF-8'?><r><head><code>0</code></head><rows>"
        "<row><orgCode>X1</orgCode><orgName>甲</orgName></row><row><orgCode>X2</orgCode><orgName/></row></rows></r>",
        "r.rows.row (xml)",
    ),
    "xml of attributes, with names of a namespace": (
        "a.xml",
        '<s:E xmlns:s="urn:s"><s:Body><s:o orgCode="X1" orgName="甲"/><s:o orgCode="X2" orgName="乙"/></s:Body></s:E>',
        "E.Body.o (xml)",
    ),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_the_answer_of_an_api_becomes_records(root: Path, kind: str) -> None:
    name, text, place = ANSWERS[kind]
    remarks = new_report(root, text.encode(), name)
    report = load_reports(root / "expectations")["made"]
    assert report.format.kind == "records" and report.replaces == "key" and report.key == ("org_code",)
    mark = "@" if kind.startswith("xml of attributes") else ""
    assert [column.field or column.name for column in report.columns] == [f"{mark}orgCode", f"{mark}orgName"]
    assert any(place in one for one in remarks)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '[{"orgCode": "X1", "place": {"city": "惠州", "x": 1}}, {"orgCode": "X2", "place": null}]'),
        ("a.xml", "<r><o><orgCode>X1</orgCode><place><city>惠州</city><x>1</x></place></o><o><orgCode>X2</orgCode></o></r>"),
    ],
)
def test_fields_of_objects_become_columns(root: Path, name: str, text: str) -> None:
    new_report(root, text.encode(), name)
    report = load_reports(root / "expectations")["made"]
    assert [(column.name, column.field) for column in report.columns if "." in (column.field or "")] == [
        ("place_city", "place.city"),
        ("place_x", "place.x"),
    ]


def test_fields_with_records_of_their_own_are_ignored(root: Path) -> None:
    answer = [{"orgCode": "X1", "staff": [{"n": 1}]}, {"orgCode": "X2", "staff": []}]
    remarks = new_report(root, json.dumps(answer).encode(), "a.json")
    report = load_reports(root / "expectations")["made"]
    assert report.ignored_headers == ("staff",) and [column.name for column in report.columns] == ["org_code"]
    assert any("staff hold records" in one and "字段 staff" in one for one in remarks)


def test_external_entities_of_a_sample_are_not_read(root: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("top secret", encoding="utf-8")
    declared = f'<!DOCTYPE r [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]>'
    text = f"{declared}<r><o><a>&e;</a><orgCode>X1</orgCode></o><o><a>b</a><orgCode>X2</orgCode></o></r>"
    new_report(root, text.encode(), "a.xml")
    assert "top secret" not in (root / "expectations" / "charity" / "made.yml").read_text(encoding="utf-8")


def several(root: Path, *documents: list[list[Any]]) -> tuple[Report, list[str]]:
    """A report of several samples; what it remarks on."""
    remarks: list[str] = []
    samples = []
    for place, rows in enumerate(documents):
        samples.append(root / f"{place}.xlsx")
        samples[-1].write_bytes(xlsx(rows))
    scaffold_report(root, system="charity", name="made", code="CH98", samples=samples, remark=remarks.append)
    return load_reports(root / "expectations")["made"], remarks


def test_the_key_is_unique_over_all_samples(root: Path) -> None:
    header = ["序号", "月份", "镇（街道）名", "户数"]
    may = [header, [1, "2023-05", "甲镇", 3], [2, "2023-05", "乙镇", 4]]
    june = [header, [1, "2023-06", "甲镇", 3], [2, "2023-06", "乙镇", 5]]
    report, _ = several(root, may, june)
    assert report.key == ("column_2", "column_3"), "the town alone is unique in each month only"


def test_what_is_unique_in_each_sample_alone_is_remarked(root: Path) -> None:
    header = ["序号", "乡镇名", "户数"]
    report, remarks = several(root, [header, [1, "甲镇", 3], [2, "乙镇", 4]], [header, [1, "甲镇", 3], [2, "乙镇", 5]])
    assert report.key == () and report.replaces == "nothing"
    assert any("乡镇名 tells the rows of each sample apart" in one and "报告期" in one for one in remarks)


def test_a_column_that_some_samples_lack_may_be_absent(root: Path) -> None:
    report, remarks = several(root, [["编码", "数量"], ["a1", 3], ["a2", 4]], [["编码", "数量", "地点"], ["a3", 3, "x"]])
    assert report.column("column_3").may_be_absent and not report.column("column_2").may_be_absent
    assert any("some samples lack these columns: 地点" in one for one in remarks)


def test_samples_of_different_forms_are_refused(root: Path) -> None:
    (root / "a.csv").write_bytes(csv("gb18030", ","))
    (root / "b.csv").write_bytes(csv("utf-8", ","))
    with pytest.raises(ContractError, match="differ in format, encoding or delimiter"):
        scaffold_report(root, system="charity", name="made", code="CH98", samples=[root / "a.csv", root / "b.csv"])
    assert not (root / "expectations" / "charity" / "made.yml").exists()


def test_personal_columns_are_known_and_their_values_never_shown(root: Path) -> None:
    people = [("01", "11010519491231002X", "13800138000"), ("02", "440524188001010014", "13900139000")]
    rows: list[list[Any]] = [["救助台账"], ["序号", "对象", "证号", "电话", "金额（元）"]]
    rows += [[n, "张三", card, phone, 100] for n, card, phone in people]
    rows += [["合计", None, None, None, 200]]
    remarks = new_report(root, xlsx(rows))
    text = (root / "expectations" / "charity" / "made.yml").read_text(encoding="utf-8")
    report = load_reports(root / "expectations")["made"]
    assert (report.column("column_3").type, report.column("column_3").pii) == ("resident_id", "sensitive")
    assert (report.column("column_4").type, report.column("column_4").pii) == ("phone", "personal")
    for shown in (text, *remarks):
        assert not any(number in shown for person in people for number in person[1:])


def test_few_values_are_a_comment_and_no_rule(root: Path) -> None:
    rows = [[f"B{n}", ["低保", "特困", "孤儿"][n % 3], ["张三", "李四"][n % 2]] for n in range(12)]
    new_report(root, xlsx([["编号", "类别", "经办人"], *rows]))
    report = load_reports(root / "expectations")["made"]
    assert (report.column("column_2").type, report.column("column_2").choices) == ("text", ())
    lines = (root / "expectations" / "charity" / "made.yml").read_text(encoding="utf-8").splitlines()
    (commented,) = [line for line in lines if "  # " in line]
    assert "column_2" in commented and "[低保, 特困, 孤儿]" in commented


def test_a_sample_under_a_password(root: Path) -> None:
    new_report(root, encrypted(xlsx([["名称", "金额"], ["甲", 1]]), "secret"), password="secret")
    assert list(load_reports(root / "expectations")) == ["beside", "made"]


def test_a_contract_with_a_fault_beside_it_is_no_hindrance(root: Path) -> None:
    (root / "expectations" / "charity" / "beside.yml").write_text("report: [", encoding="utf-8")
    new_report(root, xlsx([["名称", "金额"], ["甲", 1]]))
    assert (root / "expectations" / "charity" / "made.yml").exists()
