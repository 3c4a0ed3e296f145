import csv
import datetime as dt
import io
from typing import Any

import pytest

from loaders.contract import load_reports
from loaders.divisions import Divisions
from loaders.feedback.issue_messages import EXAMPLES_PER_UNIT, compose_issue_message, issue_sections
from loaders.model import OpenIssue, Severity
from loaders.outgoing_messages import Message, Recipient
from loaders.settings import PROJECT_ROOT

REPORT = load_reports(PROJECT_ROOT / "expectations")["station"]
DIVISIONS = Divisions.load(PROJECT_ROOT / "dbt_project" / "seeds" / "divisions.csv")

OWNER = Recipient("mail", "stations@social-work.huizhou.example", "督导办", "supervisors")


def issue(number: int = 1, **changes: Any) -> OpenIssue:
    facts: dict[str, Any] = {
        "issue_key": f"key-{number}",
        "submission_id": 1,
        "unit_code": "441302",
        "period": "2023-06",
        "source_uri": "social_work_sftp:/station/2023-06/441302_双百社工站点名册_2023-06.xlsx",
        "sheet": "Sheet1",
        "row": number,
        "column": "town_code",
        "cell": f"H{number}",
        "rule": "expect_column_values_to_be_known_code",
        "severity": Severity.ERROR,
        "revision": 1,
        "state": "accepted_with_rejects",
        "found": "441302999",
        "expected": "本市镇（街道）代码表中的值",
        "message_zh": "“镇（街道）代码”填的是“441302999”，应为本市镇（街道）代码表中的值",
        "message_en": "town code 441302999 is not known",
    }
    return OpenIssue(**(facts | changes))


def compose(issues: list[OpenIssue], **changes: Any) -> Message:
    sections = issue_sections(REPORT, issues, {code: division.name for code, division in DIVISIONS.by_code.items()})
    return compose_issue_message(OWNER, sections, fix_by=dt.date(2023, 7, 12), **changes)


def test_one_section_a_period_and_unit_in_order() -> None:
    issues = [issue(1), issue(2, period="2021-02"), issue(3), issue(4, unit_code="441303")]
    sections = issue_sections(REPORT, issues, {"441302": "惠城区"})
    assert [(section.period, section.unit_name) for section in sections] == [
        ("2021-02", "惠城区"),
        ("2023-06", "惠城区"),
        ("2023-06", "441303"),
    ]
    assert sections[1].part.issue_keys == ("key-1", "key-3")


def test_the_message_states_whom_it_asks_for_how_many_rows_until_when() -> None:
    message = compose([issue(1), issue(1, issue_key="other"), issue(2), issue(3, severity=Severity.WARNING)])
    assert (message.recipient, message.recipient_role) == (OWNER.address, OWNER.role_zh)
    assert message.body_text.startswith("督导办：\n")
    assert "有 4 个新问题，涉及 3 行：该行退回 3 个，提醒，已入库 1 个" in message.body_text
    assert "请在 2023-07-12 前更正" in message.body_text
    assert "huimin issues list station" in message.body_text


def test_english_by_setting() -> None:
    message = compose([issue(1)], language="en")
    assert message.body_text.startswith("supervisors,\n")
    assert "has 1 new issue(s) in 1 row(s): row rejected 1." in message.body_text
    assert "town code 441302999 is not known" in message.body_text
    assert "by 2023-07-12" in message.body_text
    assert message.subject.startswith("[data quality] ")


def test_a_digest_is_of_all_reports_and_asks_for_no_date() -> None:
    message = compose(
        [issue(1, severity=Severity.WARNING), issue(2, period="2023-05", severity=Severity.WARNING)], is_digest=True
    )
    assert "今日数据质量提醒 2 个" in message.body_text
    assert message.body_text.index("2023-05") < message.body_text.index("2023-06")
    assert "2023-07-12" not in message.body_text
    assert message.period is None


def test_a_problem_is_reported_with_file_sheet_cell_column_value_and_what_to_do() -> None:
    message = compose([issue(7)])
    for part in ("惠城区", "441302_双百社工站点名册_2023-06.xlsx", "Sheet1", "H7", "镇（街道）代码", "441302999", "该行退回"):
        assert part in message.body_text
        assert part in message.body_html
    assert "1个问题" in message.subject


def test_a_refused_document_comes_first() -> None:
    refused = issue(9, severity=Severity.DOCUMENT, cell=None, row=None, column=None, message_zh="文件打不开")
    message = compose([issue(1), refused])
    assert message.body_text.index("文件打不开") < message.body_text.index("H1")


def test_many_problems_are_all_in_the_attached_table() -> None:
    many = [issue(number) for number in range(1, EXAMPLES_PER_UNIT + 21)]
    message = compose(many)
    assert f"全部 {len(many)} 个见附件" in message.body_text
    assert "另有 20 个" in message.body_text
    rows = list(csv.reader(io.StringIO(message.attachments[0].content.decode("utf-8-sig"))))
    assert len(rows) == len(many) + 1
    assert [len(part.issue_keys) for part in message.parts] == [len(many)]


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_a_value_that_begins_like_a_formula_is_not_run_by_the_table_that_opens(start: str) -> None:
    message = compose([issue(found=f"{start}HYPERLINK(1)")])
    rows = list(csv.reader(io.StringIO(message.attachments[0].content.decode("utf-8-sig"))))
    assert rows[1][5] == f"'{start}HYPERLINK(1)"


def test_what_was_sent_cannot_become_markup() -> None:
    message = compose([issue(found="<script>alert(1)</script>", sheet="<b>")])
    assert "<script>" not in message.body_html
    assert "<b>" not in message.body_html
