import csv
import datetime as dt
import io
from typing import Any

import pytest

from loaders.contract import Owner, load_reports
from loaders.divisions import Divisions
from loaders.feedback.issue_messages import MOST_IN_BODY, compose_issue_messages
from loaders.model import OpenIssue, Severity
from loaders.settings import PROJECT_ROOT

REPORT = load_reports(PROJECT_ROOT / "expectations")["station"]
DIVISIONS = Divisions.load(PROJECT_ROOT / "dbt_project" / "seeds" / "divisions.csv")


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


def test_one_message_a_period_in_order() -> None:
    messages = compose_issue_messages(REPORT, [issue(1), issue(2, period="2021-02"), issue(3)], DIVISIONS)
    assert [message.period for message in messages] == ["2021-02", "2023-06"]
    assert messages[1].issue_keys == ("key-1", "key-3")
    assert {message.recipient for message in messages} == {REPORT.owner_on(dt.date.max).email}


def test_the_owner_of_the_day_is_asked_and_named() -> None:
    later = {"role": {"zh": "新科", "en": "new section"}, "email": "new@example.org", "since": "2024-03-01"}
    first = {"role": {"zh": "旧科", "en": "old section"}, "email": "old@example.org"}
    owners = tuple(map(Owner.model_validate, (first, later)))
    report = REPORT.model_copy(update={"single_owner": None, "owners": owners})
    for day, email, role in (("2024-02-29", "old@example.org", "旧科"), ("2024-03-01", "new@example.org", "新科")):
        (message,) = compose_issue_messages(report, [issue()], DIVISIONS, day=dt.date.fromisoformat(day))
        assert (message.recipient, message.recipient_role) == (email, role)
        assert message.body_text.startswith(role)


def test_a_problem_is_reported_with_file_sheet_cell_column_value_and_what_to_do() -> None:
    message = compose_issue_messages(REPORT, [issue(7)], DIVISIONS)[0]
    for part in ("惠城区", "441302_双百社工站点名册_2023-06.xlsx", "Sheet1", "H7", "镇（街道）代码", "441302999", "该行退回"):
        assert part in message.body_text
        assert part in message.body_html
    assert "1个问题" in message.subject


def test_a_refused_document_comes_first() -> None:
    refused = issue(9, severity=Severity.DOCUMENT, cell=None, row=None, column=None, message_zh="文件打不开")
    message = compose_issue_messages(REPORT, [issue(1), refused], DIVISIONS)[0]
    assert message.body_text.index("文件打不开") < message.body_text.index("H1")


def test_many_problems_are_all_in_the_attached_table() -> None:
    many = [issue(number) for number in range(1, MOST_IN_BODY + 21)]
    message = compose_issue_messages(REPORT, many, DIVISIONS)[0]
    assert f"全部 {len(many)} 个见附件" in message.body_text
    rows = list(csv.reader(io.StringIO(message.attachments[0].content.decode("utf-8-sig"))))
    assert len(rows) == len(many) + 1
    assert len(message.issue_keys) == len(many)


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_a_value_that_begins_like_a_formula_is_not_run_by_the_table_that_opens(start: str) -> None:
    message = compose_issue_messages(REPORT, [issue(found=f"{start}HYPERLINK(1)")], DIVISIONS)[0]
    rows = list(csv.reader(io.StringIO(message.attachments[0].content.decode("utf-8-sig"))))
    assert rows[1][5] == f"'{start}HYPERLINK(1)"


def test_what_was_sent_cannot_become_markup() -> None:
    message = compose_issue_messages(REPORT, [issue(found="<script>alert(1)</script>", sheet="<b>")], DIVISIONS)[0]
    assert "<script>" not in message.body_html
    assert "<b>" not in message.body_html


def test_nothing_to_tell_makes_no_message() -> None:
    assert compose_issue_messages(REPORT, [], DIVISIONS) == []
