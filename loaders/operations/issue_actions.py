"""What people do about issues: look at them, acknowledge and override them. Decisions are kept in the ledger and the landing."""

from __future__ import annotations

from typing import Any

from loaders import pipeline
from loaders.contract import load_contracts
from loaders.identifiers import redact
from loaders.landing import write_record
from loaders.settings import Settings
from loaders.warehouse import DecisionRefused, Overridden, UnknownIssue, Warehouse, Words, refuse_unless_overridable

Rows = list[dict[str, Any]]


def issues(settings: Settings, **choice: Any) -> Rows:
    """One row an issue, those that are open unless a state is chosen; `choice` is that of `issue_queries.issue_states`.

    Raises:
        UnknownIssue: `file` is part of no document's location.
    """
    warehouse, file = Warehouse(settings.warehouse_url), choice.get("file")
    if file is not None and not warehouse.is_document_known(file):
        raise UnknownIssue(f"no document that came has {file} in its location: huimin account lists them")
    return warehouse.issue_states(**choice)


def issue_with_history(settings: Settings, key: str) -> dict[str, Any]:
    """One issue by its key, or the beginning of it, with the events of its life as `history`.

    Raises:
        UnknownIssue: no issue, or several.
    """
    warehouse = Warehouse(settings.warehouse_url)
    issue = warehouse.find_issue(key)
    return {**issue, "history": warehouse.issue_history(issue["issue_key"])}


def acknowledge(settings: Settings, key: str, words: Words, *, revoke: bool = False) -> str:
    """Records that somebody knows of an issue, or takes that back. Returns its whole key.

    Raises:
        DecisionRefused: there is no such issue, it is closed, or there is no acknowledgement to take back.
    """
    warehouse = Warehouse(settings.warehouse_url)
    issue = warehouse.find_issue(key)
    # The record is on the disk before the decision is in the ledger for good.
    with warehouse.acknowledging(issue, _redacted(words), revoke=revoke) as decision:
        write_record(settings.landing, decision)
    return decision.issue_key


def override(settings: Settings, key: str, words: Words) -> Overridden:
    """Records that the value of a rejected row is right, and loads the row from its landed bytes.

    Raises:
        DecisionRefused: there is no such issue, or no person may override it.
    """
    warehouse = Warehouse(settings.warehouse_url)
    issue = warehouse.find_issue(key)
    refuse_unless_overridable(issue)
    report = load_contracts(settings.expectations).reports.get(issue["report"])
    if report is None:
        raise DecisionRefused(f"{issue['report']} has no sound contract: huimin contracts check")
    submission = warehouse.submission(issue["last_submission_id"])
    items = pipeline.validate_again(report.report, [submission], settings)
    for item in items:
        with warehouse.overriding(report, issue, item, list(item.results), _redacted(words)) as done:
            write_record(settings.landing, done.decision)
        return done
    raise AssertionError("one document gives one item")


def _redacted(words: Words) -> Words:
    return Words(redact(words.by), redact(words.why), words.until, words.reason)
