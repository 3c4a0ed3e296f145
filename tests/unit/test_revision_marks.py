"""Revision marks in names and titles; what only looks like one is none."""

from __future__ import annotations

import pytest

from loaders.revision import revision_of_lines, revision_of_place, without_revision_mark


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("2023-06/441302_探访表.xlsx", 0),
        ("2023-06/441302_探访表(修订).xlsx", 1),
        ("2023-06/441302_探访表（修订）.xlsx", 1),
        ("2023-06/441302_探访表_更正.csv", 1),
        ("2023-06/441302_探访表更正后.csv", 1),
        ("2023-06/441302_探访表修订2.xlsx", 2),
        ("2023-06/441302_探访表修订（二）.xlsx", 2),
        ("2023-06/441302_探访表_订正版3.xlsx", 3),
        ("2023-06/441302_探访表_第三次修订.xlsx", 3),
        ("2023-06/441302_探访表第十二次更正.xlsx", 12),
        ("2023-06/441302_探访表第2版.xlsx", 1),
        ("2023-06/441302_探访表第 三 版.xlsx", 2),
        ("2023-06/441302_探访表_v2.xlsx", 1),
        ("2023-06/441302_探访表_V1.XLSX", 0),
        ("2023-06/441302_探访表-rev3.xlsx", 3),
        ("2023-06/更正_441302_探访表.xlsx", 1),
        ("2023-06/【更正】441302_探访表.xlsx", 1),
        ("2023-06/441302_修订_更正2.xlsx", 2),
        ("drop:/2023-06/全部(修订2).zip!/441302_探访表.xlsx", 2),
        ("drop:/2023-06/全部.zip!/441302_探访表(修订).xlsx", 1),
        # No marks: folders, copies, years of laws, words that contain the letters, numbers of other kinds.
        ("2023-06/更正/441302_探访表.xlsx", 0),
        ("2023-06/441302_探访表 - 副本.xlsx", 0),
        ("2023-06/441302_探访表 (1).xlsx", 0),
        ("2023-06/441302_探访表_最终版.xlsx", 0),
        ("2023-06/441302_章程2021年修订.xlsx", 0),
        ("2023-06/441302_更正登记表.xlsx", 0),
        ("2023-06/441302_rev.xlsx", 0),
        ("2023-06/441302_tv2.xlsx", 0),
        ("2023-06/441302_v1.2.xlsx", 0),
        ("2023-06/441302_v2023.xlsx", 0),
    ],
)
def test_the_name_of_a_file_says_its_revision(name: str, number: int) -> None:
    assert revision_of_place(name) == number


def test_the_title_of_the_report_is_no_mark() -> None:
    assert revision_of_place("2023-06/441302_章程修订.xlsx", "章程修订") == 0
    assert revision_of_place("2023-06/441302_章程修订_更正2.xlsx", "章程修订") == 2
    assert revision_of_lines([["章程修订"], ["填报单位：惠城区"]], "章程修订") == 0


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("惠城区2023年6月探访情况表", 0),
        ("惠城区2023年6月探访情况表（更正）", 1),
        ("惠城区2023年6月探访情况表(第三次修订)", 3),
        ("更正报表", 1),
        ("修订版", 1),
        ("探访情况表修订版", 1),
        ("版本：第3版", 2),
        ("版本号: v2", 1),
        ("依据《惠州市社区条例(2021年修订)》填报", 0),
        ("依据《惠州市社区条例（第三次修订）》", 0),
        ("探访情况表（2021年修订）", 0),
        ("说明：口径按民政部通知修订", 0),
        (
            "说明：本表各项数据均已由各镇街社工站核对，口径与上月相同，如有与实际不符之处请于三日内联系我科，以便我科及时报送市局(修订)",
            0,
        ),
    ],
)
def test_the_title_of_a_document_says_its_revision(line: str, number: int) -> None:
    assert revision_of_lines([["填报单位：惠城区民政局"], [line, "单位：人次"]]) == number


@pytest.mark.parametrize(
    ("name", "unmarked"),
    [
        ("2023-06/441302(修订).csv", "2023-06/441302.csv"),
        ("2023-06/441302_更正2.csv", "2023-06/441302.csv"),
        ("2023-06/441302 修订(2).csv", "2023-06/441302.csv"),
        ("2023-06/441302_修订_v3.csv", "2023-06/441302.csv"),
        ("441302_2023-06_第2版.CSV", "441302_2023-06.CSV"),
        ("2023-06/441302.csv", None),
        ("2023-06/修订.csv", None),
        ("2023-06(修订)/441302.csv", None),
    ],
)
def test_a_name_can_be_matched_without_its_mark(name: str, unmarked: str | None) -> None:
    assert without_revision_mark(name) == unmarked
