"""The identity of an issue: report, unit, period, code, column and the key of its row, never its wording nor the value found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.contract import KeyScope, Replaces, Report
from loaders.model import Issue, Severity
from loaders.period import Period
from loaders.warehouse.connection import Connection
from loaders.warehouse.issues.issue_log import IssueLog
from loaders.warehouse.submission import Submission


class Document:
    """As much of a submission as an identity needs."""

    def __init__(self, **fields: Any) -> None:
        self.submission_id = 1
        self.report, self.unit_code, self.period = "visit", "441302", Period.parse("2023-06")
        self.sha256, self.source_uri = "a" * 64, "visit/2023-06.xlsx"
        self.__dict__.update(fields)


class Register:
    def __init__(self, replaces: Replaces) -> None:
        self.replaces = replaces
        self.key_scope = KeyScope.REPORT
        self.identity_name = "visit"


def key_of(
    issue: Issue,
    subject: str | None = None,
    *,
    replaces: Replaces = Replaces.PERIOD,
    key_scope: KeyScope = KeyScope.REPORT,
    identity_name: str = "visit",
    **document: Any,
) -> str:
    register = Register(replaces)
    register.key_scope, register.identity_name = key_scope, identity_name
    log = IssueLog(cast(Connection, None), cast(Report, register), cast(Submission, Document(**document)))
    return str(log.row(issue, subject)[-1])


ISSUE = Issue(
    "expect_x", Severity.ERROR, "应为整数", "a whole number", sheet="表1", row=7, column="count", found="七", expected="整数"
)
texts = st.text(max_size=20)


@given(texts, texts, texts, texts, st.integers(1, 9), st.sampled_from([None, "表2"]))
def test_neither_wording_nor_value_nor_place_changes_the_identity_of_an_issue_with_a_row_key(
    zh: str, en: str, found: str, expected: str, row: int, sheet: str | None
) -> None:
    other = replace(ISSUE, message_zh=zh, message_en=en, found=found, expected=expected, row=row, sheet=sheet)
    assert key_of(other, "V-001") == key_of(ISSUE, "V-001")


@given(texts, texts)
def test_without_a_row_key_sheet_and_row_are_the_identity(found: str, zh: str) -> None:
    assert key_of(replace(ISSUE, found=found, message_zh=zh)) == key_of(ISSUE)
    assert key_of(replace(ISSUE, row=8)) != key_of(ISSUE)
    assert key_of(replace(ISSUE, sheet="表2")) != key_of(ISSUE)


@pytest.mark.parametrize(
    "other",
    [
        key_of(ISSUE, "V-002"),
        key_of(replace(ISSUE, rule="expect_y"), "V-001"),
        key_of(replace(ISSUE, column="name"), "V-001"),
        key_of(ISSUE, "V-001", unit_code="441303"),
        key_of(ISSUE, "V-001", period=Period.parse("2023-07")),
        key_of(ISSUE, "V-001", identity_name="other"),
    ],
)
def test_each_part_of_the_identity_counts(other: str) -> None:
    assert other != key_of(ISSUE, "V-001")


def test_documents_that_do_not_replace_each_other_have_issues_of_their_own() -> None:
    one, two = ({"replaces": Replaces.NOTHING, "source_uri": uri} for uri in ("a.csv", "b.csv"))
    assert key_of(ISSUE, **one) != key_of(ISSUE, **two)
    assert key_of(ISSUE, source_uri="a.csv") == key_of(ISSUE, source_uri="b.csv")


def test_a_correction_that_is_refused_again_gets_an_answer_of_its_own() -> None:
    refusal = replace(ISSUE, severity=Severity.DOCUMENT, row=None, column=None)
    assert key_of(refusal, sha256="a") != key_of(refusal, sha256="b")
    assert key_of(refusal, sha256="a") == key_of(replace(refusal, found="else"), sha256="a")


def test_equal_issues_of_one_document_are_counted() -> None:
    log = IssueLog(cast(Connection, None), cast(Report, Register(Replaces.PERIOD)), cast(Submission, Document()))
    assert len({log.row(ISSUE, "V-001")[-1] for _ in range(3)}) == 3


def test_keys_per_document_are_different_things_in_documents_that_do_not_replace_each_other() -> None:
    def keys(key_scope: KeyScope, replaces: Replaces) -> set[str]:
        return {key_of(ISSUE, "001", replaces=replaces, key_scope=key_scope, source_uri=uri) for uri in ("a.csv", "b.csv")}

    assert len(keys(KeyScope.REPORT, Replaces.NOTHING)) == 1
    assert len(keys(KeyScope.DOCUMENT, Replaces.NOTHING)) == 2
    assert len(keys(KeyScope.DOCUMENT, Replaces.PERIOD)) == 1


def test_a_renamed_report_keeps_the_identity_of_its_issues() -> None:
    assert key_of(ISSUE, "V-001", report="house_call") == key_of(ISSUE, "V-001", report="visit")
