"""What a contract says of a report as a whole: its owners by date, the scope of its keys, its former names and its end."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml

from loaders.contract import ContractError, KeyScope, load_contracts, load_report
from loaders.dbt.staging_models import staging_description, staging_sql
from tests.support.documents.contracts import VISIT, VISITS, make_report

ROLE = {"zh": "科", "en": "section"}
FIRST = {"role": ROLE, "email": "first@example.org"}
SECOND = {"role": ROLE, "email": "second@example.org", "since": "2024-03-01"}
THIRD = {"role": ROLE, "email": "third@example.org", "since": "2025-01-01"}
WHY = {"zh": "停用", "en": "no longer sent"}


def write(folder: Path, name: str, **changes: Any) -> Path:
    content = VISIT | {"columns": VISITS, "name": name} | changes
    path = folder / "social_work" / f"{name}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({key: value for key, value in content.items() if value is not None}), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("day", "email"),
    [
        ("1990-01-01", "first@example.org"),
        ("2024-02-29", "first@example.org"),
        ("2024-03-01", "second@example.org"),
        ("2024-12-31", "second@example.org"),
        ("2025-01-01", "third@example.org"),
        ("2999-01-01", "third@example.org"),
    ],
)
def test_the_owner_of_a_day(day: str, email: str) -> None:
    report = make_report(owner=None, owners=[FIRST, SECOND, THIRD])
    assert report.owner_on(dt.date.fromisoformat(day)).email == email


def test_one_owner_answers_on_all_days() -> None:
    assert make_report().owner_on(dt.date.min) == make_report().owner_on(dt.date.max)


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"owners": [FIRST]}, "owner: say either owner"),
        ({"owner": None}, "owner: say either owner"),
        ({"owner": FIRST | {"since": "2024-01-01"}}, "owner.since goes with owners"),
        ({"owner": None, "owners": [FIRST, FIRST]}, "owners: each but the first needs since"),
        ({"owner": None, "owners": [FIRST, THIRD, SECOND]}, "owners: list them by since, the earliest first"),
        ({"key_scope": "document", "replaces": "key"}, "key_scope: document goes with no replaces: key"),
        (
            {"key_scope": "unit", "replaces": "nothing", "columns": [column | {"key": False} for column in VISITS]},
            "key_scope: unit needs at least one column with key: true",
        ),
        (
            {"replaces": "period", "closing_column": "visited_date"},
            "closing_column: visited_date goes with replaces: register only",
        ),
        ({"replaces": "register", "closing_column": "visit_code"}, "closing_column: visit_code must be a column of type date"),
        ({"replaces": "register", "closing_column": "gone"}, "closing_column: gone must be a column of type date"),
        ({"retired": {"since": "spring", "why": WHY}}, "since: expected a period like 2023-06"),
        ({"formerly": ["visit"]}, "formerly: visit is the present name"),
        ({"formerly": ["old", "old"]}, "formerly: old is listed 2 times"),
    ],
)
def test_what_does_not_go_together(tmp_path: Path, changes: dict[str, Any], detail: str) -> None:
    with pytest.raises(ContractError) as caught:
        load_report(write(tmp_path, "visit", **changes))
    assert detail in str(caught.value)


def test_a_former_name_belongs_to_one_report(tmp_path: Path) -> None:
    write(tmp_path, "visit", formerly=["call"])
    write(tmp_path, "call", code="SW91")
    write(tmp_path, "house_call", code="SW92", formerly=["call"])
    errors = [str(error) for error in load_contracts(tmp_path).errors]
    assert (
        "social_work/visit.yml: formerly: call is a name of another report (social_work/call.yml); take it out of one of the two"
        in errors
    )
    assert any(error.startswith("social_work/house_call.yml: formerly: call is a name of another report") for error in errors)


def test_a_rule_that_names_a_former_name_is_refused_with_the_present_one(tmp_path: Path) -> None:
    meaning = {"zh": "应当相符", "en": "they agree"}
    rule = {"name": "r", "kind": "references", "columns": ["town_name"], "other_report": "call", "meaning": meaning}
    write(tmp_path, "visit", cross_rules=[rule])
    write(tmp_path, "house_call", code="SW91", formerly=["call"])
    contracts = load_contracts(tmp_path)
    assert [error.message for error in contracts.errors] == ["other_report: there is no report call; it is now house_call"]
    assert contracts.present_names == {"call": "house_call"}


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"key_scope": "document"}, "is unique per document (key_scope: document)"),
        ({"key_scope": "unit", "units": ["441302"]}, "is unique per unit (key_scope: unit)"),
    ],
)
def test_a_number_that_names_no_row_elsewhere_cannot_be_looked_up(tmp_path: Path, changes: dict[str, Any], detail: str) -> None:
    meaning = {"zh": "应当相符", "en": "they agree"}
    rule = {"name": "r", "kind": "references", "columns": ["visit_code"], "other_report": "call", "meaning": meaning}
    write(tmp_path, "visit", cross_rules=[rule])
    write(tmp_path, "call", code="SW91", **changes)
    (error,) = load_contracts(tmp_path).errors
    assert detail in error.message


@pytest.mark.parametrize(
    ("key_scope", "entry"), [("report", "['visit_code']"), ("unit", "['_unit_code', 'visit_code']"), ("document", None)]
)
def test_a_register_is_staged_by_entry_and_other_reports_by_current_row(key_scope: str, entry: str | None) -> None:
    month = {"name": "month", "header": "月份", "type": "month", "key": True}
    report = make_report(replaces="register", key_scope=key_scope, columns=[month, *VISITS])
    text = staging_sql(report)
    assert (entry is not None) is ("absent_from_date" in staging_description(report)) is ("absent_from_date" in text)
    assert ("where _superseded_at is null" in text) is (entry is None)
    if entry is not None:
        assert f"register_entries(source('social_work', 'visit'), {entry})" in text


@pytest.mark.parametrize(
    ("key_scope", "scope"), [(KeyScope.REPORT, []), (KeyScope.UNIT, ["unit_code"]), (KeyScope.DOCUMENT, ["submission_id"])]
)
def test_the_key_of_a_staging_model_has_the_scope(key_scope: KeyScope, scope: list[str]) -> None:
    (model,) = yaml.safe_load(staging_description(make_report(key_scope=key_scope)))["models"]
    tests = model.get("data_tests")
    if not scope:
        assert tests is None
        assert next(column for column in model["columns"] if column["name"] == "visit_code")["data_tests"] == [
            "unique",
            "not_null",
        ]
    else:
        assert tests[0]["unique_combination_of_columns"]["arguments"]["combination_of_columns"] == [*scope, "visit_code"]
