"""Rules between reports in contracts: what each kind says, and every fault of every file at once."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from loaders.contract import ContractError, Report, editor_schema, load_reports
from tests.support.documents.contracts import VISIT

MEANING = {"zh": "应当相符", "en": "they agree"}
CONTRACT: dict[str, Any] = VISIT | {
    "columns": [
        {"name": "visit_code", "header": "编号", "required": True, "key": True},
        {"name": "station_code", "header": "站点"},
        {"name": "visited_date", "header": "日期", "type": "date"},
        {"name": "client_id", "header": "身份证", "type": "resident_id", "pii": "personal"},
        {"name": "persons", "header": "人次", "type": "integer"},
        {"name": "mode", "header": "方式", "type": "choice", "choices": ["入户", "电话"]},
    ],
}
STATION: dict[str, Any] = CONTRACT | {
    "name": "station",
    "code": "SW91",
    "replaces": "register",
    "columns": [
        {"name": "station_code", "header": "编号", "required": True, "key": True},
        {"name": "opened_date", "header": "启用", "type": "date"},
        {"name": "head_id", "header": "站长", "type": "resident_id", "pii": "contact"},
        {"name": "workers_count", "header": "社工", "type": "decimal"},
    ],
}
EXISTS = {"name": "known", "kind": "references", "columns": ["station_code"], "other_report": "station", "meaning": MEANING}
FALLS = {"name": "grows", "kind": "non_decreasing", "column": "persons", "group_by": ["station_code"], "meaning": MEANING}
AGREES = {
    "name": "same",
    "kind": "matches",
    "columns": {"persons": "workers_count"},
    "other_report": "station",
    "join_on": {"station_code": "station_code"},
    "meaning": MEANING,
}
SUM = {
    "name": "adds_up",
    "kind": "reconciles",
    "column": "persons",
    "other_report": "station",
    "sum": "workers_count",
    "join_on": {"station_code": "station_code"},
    "meaning": MEANING,
}


def write(folder: Path, *contracts: dict[str, Any]) -> Path:
    for contract in contracts:
        path = folder / contract["system"] / f"{contract['name']}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(contract, allow_unicode=True), encoding="utf-8")
    return folder


def with_rules(*rules: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return copy.deepcopy(CONTRACT) | {"cross_rules": list(rules)} | changes


def errors(folder: Path, *contracts: dict[str, Any]) -> list[str]:
    with pytest.raises(ContractError) as error:
        load_reports(write(folder, *contracts))
    return str(error.value).splitlines()


def test_every_kind_is_read(tmp_path: Path) -> None:
    alive = EXISTS | {
        "name": "open",
        "valid_during": {"from": "opened_date", "day": "visited_date"},
        "other_columns": ["station_code"],
    }
    reports = load_reports(write(tmp_path, with_rules(EXISTS, alive, FALLS, AGREES, SUM), STATION))
    rules = {rule.name: rule for rule in reports["visit"].cross_rules}
    assert {name: rule.pairs for name, rule in rules.items()} == {
        "known": (("station_code", "station_code"),),
        "open": (("station_code", "station_code"),),
        "grows": (),
        "same": (("persons", "workers_count"), ("station_code", "station_code")),
        "adds_up": (("persons", "workers_count"), ("station_code", "station_code")),
    }
    assert rules["open"].own_date_columns == ("visited_date",)
    assert reports["station"].cross_rules == ()
    assert Report.model_validate(reports["visit"].model_dump(by_alias=True, exclude_unset=True)) == reports["visit"]


@pytest.mark.parametrize(
    ("rule", "detail"),
    [
        (EXISTS | {"columns": ["stations"]}, "report: cross rule known names column stations, which is not described"),
        (EXISTS | {"other_report": "depot"}, "cross_rules.0 (known): other_report: there is no report depot"),
        (EXISTS | {"other_columns": ["code"]}, "cross_rules.0 (known): report station has no column code"),
        (
            EXISTS | {"other_columns": ["a", "b"]},
            "cross_rules.0 (known).references: other_columns names 2 column(s) for 1 in columns",
        ),
        (
            EXISTS | {"other_columns": ["workers_count"]},
            "cross_rules.0 (known): station_code (text) and station.workers_count (decimal) cannot be compared",
        ),
        (
            EXISTS | {"other_columns": ["head_id"]},
            "cross_rules.0 (known): station_code (text) and station.head_id (resident_id, personal) cannot be compared",
        ),
        (
            EXISTS | {"columns": ["client_id"], "other_columns": ["head_id"], "responsible": "other"},
            "report: cross rule known: a missing person (client_id) cannot be named to another owner",
        ),
        (
            EXISTS | {"valid_during": {"from": "station_code", "day": "visited_date"}},
            "cross_rules.0 (known): report station: column station_code must be of type date or datetime, not text",
        ),
        (
            EXISTS | {"valid_during": {"from": "opened_date", "day": "persons"}},
            "report: cross rule known: column persons must be of type date or datetime, not integer",
        ),
        (EXISTS | {"where": {"mode": ["飞"]}}, "report: cross rule known where mode: 飞 is no value of the column"),
        (EXISTS | {"where": {"client_id": ["x"]}}, "report: cross rule known where client_id: personal values cannot be chosen"),
        (
            EXISTS | {"valid_during": {"from": "opened_date", "untill": "opened_date"}},
            'cross_rules.0 (known).references.valid_during.untill: is no field here; did you mean "until"?',
        ),
        (EXISTS | {"kind": "exits_in"}, "cross_rules.0 (known): Input tag 'exits_in' found using 'kind' does not match"),
        (EXISTS | {"severity": "error"}, "cross_rules.0 (known).references.severity: is no field here"),
        (FALLS | {"column": "mode"}, "report: cross rule grows: column mode must be of type decimal or integer, not choice"),
        (SUM | {"sum": "opened_date"}, "cross_rules.0 (adds_up): report station: column opened_date must be of type decimal or"),
        (SUM | {"tolerance_pct": 101}, "cross_rules.0 (adds_up).reconciles.tolerance_pct: Input should be less than"),
        (AGREES | {"join_on": {}}, "cross_rules.0 (same).matches.join_on: "),
    ],
)
def test_what_cannot_be_in_a_rule(tmp_path: Path, rule: dict[str, Any], detail: str) -> None:
    told = errors(tmp_path, with_rules(rule), STATION)
    assert any(line.startswith(f"social_work/visit.yml: {detail}") for line in told), told


def test_periods_are_needed_where_they_are_compared(tmp_path: Path) -> None:
    open_then = EXISTS | {"valid_during": {"from": "opened_date"}}
    source = {"kind": "file_drop", "connection": "drop", "pattern": r".*\.csv"}
    undated = {"period_kind": None, "replaces": "register", "source": source}
    assert errors(tmp_path, with_rules(FALLS, SUM, open_then, **undated), STATION | undated) == [
        f"social_work/visit.yml: report: cross rule {name} needs the period of the documents: say period_kind"
        for name in ("grows", "adds_up", "known")
    ]
    assert errors(tmp_path, with_rules(SUM), STATION | undated) == [
        "social_work/visit.yml: cross_rules.0 (adds_up): report station has no period_kind, "
        "so that its rows cannot be added up by period"
    ]


def test_all_faults_between_all_files_are_reported_together_and_follow_from_no_other(tmp_path: Path) -> None:
    lost = EXISTS | {"name": "lost", "other_report": "depot"}
    wrong = EXISTS | {"name": "wrong", "other_columns": ["persons"], "columns": ["workers_count"], "other_report": "visit"}
    broken = CONTRACT | {"name": "broken", "code": "SW92", "cadence": "hourly"}
    at_broken = EXISTS | {"name": "at_broken", "other_report": "broken"}
    told = errors(tmp_path, with_rules(lost, EXISTS, EXISTS, at_broken), STATION | {"cross_rules": [wrong, lost]}, broken)
    assert [line.removeprefix("social_work/") for line in told] == [
        "broken.yml: cadence: Input should be 'daily', 'weekly', 'monthly', 'quarterly', 'annual' or 'ad_hoc', found 'hourly'",
        "visit.yml: report: cross rule known is described 2 times",
        "station.yml: cross_rules.1 (lost): other_report: there is no report depot",
    ]


def test_editors_know_every_kind() -> None:
    schema = editor_schema()
    for kind in ("references", "non_decreasing", "matches", "reconciles"):
        assert f'"const": "{kind}"' in schema
    assert '"valid_during"' in schema
