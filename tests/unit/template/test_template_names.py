"""Names of templates: the contract's pattern matches them, and reads unit and period from them."""

from __future__ import annotations

import re

import pytest

from loaders.contract import Report
from loaders.period import Period
from loaders.template.file_names import path_for, plain_name, texts_for
from tests.support.documents.contracts import make_report

JUNE = Period.parse("2023-06")


def report(pattern: str, **source: object) -> Report:
    fields = {"kind": "file_drop", "connection": "drop", "pattern": pattern} | source
    return make_report(units=["441302", "HZ-DYW"], source=fields)


@pytest.mark.parametrize(
    ("pattern", "unit", "path"),
    [
        (r"(?P<period>\d{4}-\d{2})/(?P<unit>\d{6}|HZ-[A-Z]+)_[^/]*\.xlsx", "441302", "2023-06/441302_探访表_2023-06.xlsx"),
        (r"(?P<period>\d{4}-\d{2})/(?P<unit>\d{6}|HZ-[A-Z]+)_[^/]*\.xlsx", "HZ-DYW", "2023-06/HZ-DYW_探访表_2023-06.xlsx"),
        (r"(?P<unit>[^_/]+)_(?P<period>\d{4}-\d{2})\.(?:xls|xlsx)", "441302", "441302_2023-06.xlsx"),
        (r"(?:in/)?report-(?P<unit>\w+)-(?P<period>\d{4}-\d{2})\.xlsx?", "441302", "report-441302-2023-06.xlsx"),
        (r"(?i)(?P<period>\d{4}-\d{2})?_(?P<unit>\d{6})?\.XLSX", "441302", "2023-06_441302.XLSX"),
        (r"(?i:.*/)?(?P<unit>\d{6})[ _-]v\d+\.xlsx$", "441302", "441302 v1.xlsx"),
    ],
)
def test_a_pattern_gives_a_path_that_it_matches(pattern: str, unit: str, path: str) -> None:
    found = path_for(report(pattern), unit, JUNE, ".xlsx")
    assert found == path
    match = re.fullmatch(pattern, path)
    assert match is not None
    assert match["unit"] == unit


@pytest.mark.parametrize(
    ("pattern", "unit", "period"),
    [
        (r"(?P<unit>\d{6})_(?P<period>\d{4}-\d{2})\.xls", "441302", JUNE),  # no .xlsx is taken
        (r"(?P<unit>\d{6})_(?P<period>\d{4}-\d{2})\.xlsx", "HZ-DYW", JUNE),  # no name of this unit is taken
        (r"(?P<unit>\d{6})_(?P<period>\d{4}-\d{2})\.xlsx", "441302", None),
        (r"(?P<unit>\d{6})_(?P<period>\d{4}-\d{2})\.xlsx", None, JUNE),
    ],
)
def test_no_path_is_invented(pattern: str, unit: str | None, period: Period | None) -> None:
    assert path_for(report(pattern), unit, period, ".xlsx") is None


def test_members_of_a_container_and_attachments_have_patterns_of_their_own() -> None:
    members = {"kind": "zip", "members": r"(?:.*/)?(?P<unit>\d{6})\.xlsx"}
    drop = report(r"(?P<period>\d{4}-\d{2})\.zip", container=members)
    assert path_for(drop, "441302", JUNE, ".xlsx") == "441302.xlsx"
    mail = make_report(
        units=["441302"], source={"kind": "mailbox", "connection": "mail", "attachments": r"(?P<period>\d{4}-\d{2})[^/]*\.xlsx"}
    )
    assert path_for(mail, "441302", JUNE, ".xlsx") == "2023-06探访表_2023-06.xlsx"


def test_a_plain_name_has_no_letter_that_a_file_cannot_have() -> None:
    titled = make_report(title={"zh": "“探访”/走访 表", "en": "Visits"})
    assert plain_name(titled, "441302", JUNE) == "441302_探访走访表_2023-06"
    assert plain_name(titled, None, None) == "探访走访表"


def test_a_pattern_with_many_alternatives_ends() -> None:
    assert len(list(texts_for("(a|b|c)?" * 12, {}, "x"))) <= 200
