"""Names that people take for the same are the same; others are told in words."""

import os
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.contract import Report
from loaders.sources.files.name_pattern import FileNamePattern, finished_name, is_ignored_file
from loaders.sources.files.pattern_description import PatternDescription
from tests.support.servers.source_contracts import file_drop

USUAL = r"(?P<period>\d{4}-\d{2})/(?P<unit>\d{6}|HZ-[A-Z]+)_[^/]*\.xlsx"
BRACKETS = r"(?P<period>\d{4}-\d{2})/台账（(?P<unit>\d{6})）\.xlsx"
ACCENT = r"(?P<period>\d{4}-\d{2})/(?P<unit>\d{6})_[（(]é[）)]\.csv"


def report(pattern: str, **changes: object) -> Report:
    return file_drop(pattern=pattern).model_copy(update={"units": ("441302", "HZ-ZK")} | changes)


def read(pattern: str, name: str) -> tuple[str | None, str] | None:
    contract = report(pattern)
    said = FileNamePattern(contract, contract.source).read(name)
    return said and (said[0], str(said[1]))


@pytest.mark.parametrize(
    ("pattern", "name", "unit"),
    [
        (USUAL, "2023-05/441302_个案.xlsx", "441302"),
        (USUAL, "2023-05/441302_个案.XLSX", "441302"),
        (USUAL, "2023-05/441302_个案.Xlsx", "441302"),
        (USUAL, "２０２３-０５/４４１３０２_个案.xlsx", "441302"),
        (USUAL, "2023－05/441302＿个案．ｘｌｓｘ", "441302"),
        (USUAL, "2023-05/hz-zk_个案.xlsx", "HZ-ZK"),
        (USUAL, "2023-05/ＨＺ－ＺＫ_个案.XLSX", "HZ-ZK"),
        (USUAL, "2023-05/441302 _ 个案.xlsx", "441302"),
        (USUAL, "2023-05/441302　_个案 .xlsx", "441302"),
        (USUAL, " 2023-05 /441302_个案.xlsx ", "441302"),
        (USUAL, "2023-05/\u200b441302_个案\ufeff.xlsx", "441302"),
        (BRACKETS, "2023-05/台账（441302）.xlsx", "441302"),
        (BRACKETS, "2023-05/台账(441302).xlsx", "441302"),
        (BRACKETS, "2023-05/台账（441302).XLSX", "441302"),
        (BRACKETS.replace("（(", r"\((").replace(")）", r")\)"), "2023-05/台账（441302）.xlsx", "441302"),
        (ACCENT, unicodedata.normalize("NFD", "2023-05/441302_(é).csv"), "441302"),
        (unicodedata.normalize("NFD", ACCENT), "2023-05/441302_（É）.csv", "441302"),
    ],
)
def test_the_same_name_in_another_form_is_known(pattern: str, name: str, unit: str) -> None:
    assert read(pattern, name) == (unit, "2023-05")


STRICT = r"(?P<period>\d{4}-\d{2})/(?P<unit>\d{6})_个案\.xlsx"
UNIT_FIRST = r"(?P<unit>\d{6})_(?P<period>\d{4}-\d{2})\.xlsx"


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        (STRICT, "2023-05/441302_个案(修订).xlsx"),
        (STRICT, "2023-05/441302_个案（修订）.XLSX"),
        (STRICT, "2023-05/441302_个案_v2.xlsx"),
        (STRICT, "2023-05/441302_个案 第2版 .xlsx"),
        (STRICT, "2023-05/441302 _ 个案_更正3.xlsx"),
        (UNIT_FIRST, "441302_2023-05(修订).xlsx"),
        (UNIT_FIRST, "441302_2023-05_rev2.xlsx"),
    ],
)
def test_a_pattern_need_not_know_revision_marks(pattern: str, name: str) -> None:
    assert read(pattern, name) == ("441302", "2023-05")


@pytest.mark.parametrize(
    "name",
    [
        "2023-05/441302_个案(副本).xlsx",
        "2023-05/441302(修订)_个案.xlsx",
        "2023-05/441302_修订.xlsx",
        "2023-05(修订)/441302_个案.xlsx",
    ],
)
def test_what_is_no_revision_mark_stays_unknown(name: str) -> None:
    assert read(STRICT, name) is None


@pytest.mark.parametrize(
    "name",
    [
        "2023-05/441302_个案.xls",
        "2023-05/441302_个案.xlsx2",
        "2023-05/44130_个案.xlsx",
        "2023-13/441302_个案.xlsx",
        "2023-05/441302个案.xlsx",
        "2023-05／441302_个案.xlsx",
        "2023-05/../2023-05/441302_个案.xlsx",
        "2023 05/441302_个案.xlsx",
        "2023-05/四四一三〇二_个案.xlsx",
        "说明.txt",
    ],
)
def test_another_name_stays_unknown(name: str) -> None:
    assert read(USUAL, name) is None


@given(st.text(st.characters(codec="utf-8", exclude_characters="/\\"), min_size=1, max_size=8))
def test_a_pattern_of_any_letters_knows_them_in_both_widths(letters: str) -> None:
    """No letter of a pattern becomes an operator by its canonical form, and none that was known is lost."""
    if unicodedata.normalize("NFC", letters) != letters or any(unicodedata.category(one)[0] in "CZ" for one in letters):
        return
    contract = report(re.escape(letters) + r"\.csv", period_kind=None)
    names = FileNamePattern(contract, contract.source)
    assert names.read(f"{letters}.csv") == (None, None)
    assert names.read(f"{letters}.CSV") == (None, None)
    assert names.read(f"{letters}x.csv") is None


def test_two_forms_of_one_name_are_two_documents(tmp_path: Path) -> None:
    from loaders.sources.files.file_drop import FileDropSource

    folder = tmp_path / "visits" / "2023-05"
    folder.mkdir(parents=True)
    for number, name in enumerate(("441302_a.csv", "441302_a.CSV", "441302＿a.csv")):
        (folder / name).write_bytes(b"x" * number)
        os.utime(folder / name, (1_600_000_000, 1_600_000_000))
    contract = file_drop(settle_seconds=0.01)
    found = FileDropSource(contract, contract.source, f"file://{tmp_path}", 1).pull(None, (), None)
    assert {remote_document.uri.rpartition("/")[2] for remote_document in found.remote_documents} == {
        "441302_a.csv",
        "441302_a.CSV",
        "441302＿a.csv",
    }
    assert {(remote_document.unit, str(remote_document.period)) for remote_document in found.remote_documents} == {
        ("441302", "2023-05")
    }


LEFT_UNDER_WAY = ("a.xlsx.part", "a.XLSX.TMP", "a.csv.crdownload", "b/a.filepart")
LEFT_BY_PROGRAMS = ("~$a.xlsx", "b/~$a.xlsx", ".DS_Store", "b/.a.csv", "Thumbs.db", "b/THUMBS.DB", "desktop.ini")


@pytest.mark.parametrize("name", [*LEFT_UNDER_WAY, *LEFT_BY_PROGRAMS, "__MACOSX/a.xlsx", ".~lock.a.xlsx#"])
def test_what_programs_leave_is_never_reported(name: str) -> None:
    assert is_ignored_file(name)


@pytest.mark.parametrize("name", ["a.xlsx", "part.csv", "tmp/a.csv", "我的thumbs.db.xlsx", "a~$.csv", "a.part.csv"])
def test_documents_are_no_leftovers(name: str) -> None:
    assert not is_ignored_file(name)
    assert finished_name(f"{name}.part") == name


@pytest.mark.parametrize(
    ("pattern", "words", "example"),
    [
        (USUAL, "年-月/区划代码_名称.xlsx", "2023-06/441302_探访表.xlsx"),
        (
            r"(?P<unit>\d{6})_(?P<period>\d{4}-\d{2})(_更正\d+)?\.xlsx?",
            "区划代码_年-月〔_更正数字，可省略〕.xls〔x，可省略〕",
            "441302_2023-06.xls",
        ),
        (r"(?P<period>\d{4}-\d{2})\.(csv|xlsx)", "年-月.（csv或xlsx）", "2023-06.csv"),
        (r"[^/]+\.csv", "名称.csv", "探访表.csv"),
        (r"台账[A-C]-\d{4}\.csv", "台账字母-4位数字.csv", "台账A-1111.csv"),
        (r"\d{2,}号[（(]终[)）].+", "数字号〔（或(〕终〔)或）〕名称", "11号（终)探访表"),
        (r"(?P<period>\d{4}-\d{2})/(?P<unit>\d{4})_.*\.csv", "年-月/区划代码_名称.csv", "2023-06/1111_探访表.csv"),
        (r"(?!旧).*\.csv", r"(?!旧).*\.csv", None),
        (r"(a|b)\1\.csv", r"(a|b)\1\.csv", None),
    ],
)
def test_a_pattern_is_put_into_words_with_an_example_that_it_takes(pattern: str, words: str, example: str | None) -> None:
    contract = report(pattern)
    said = PatternDescription.of(contract, contract.source)
    assert (said.description.zh, said.example) == (words, example)
    if example is not None:
        assert FileNamePattern(contract, contract.source).read(example) is not None


@pytest.mark.parametrize(("kind", "example"), [("quarter", "2023Q2.csv"), ("half", "2023H1.csv"), ("year", "2023.csv")])
def test_each_kind_of_period_has_its_words(kind: str, example: str) -> None:
    contract = report(r"(?P<period>[^/.]+)\.csv", period_kind=kind)
    assert PatternDescription.of(contract, contract.source).example == example
