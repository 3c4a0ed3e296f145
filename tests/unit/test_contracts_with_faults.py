"""A contract with a fault costs its own report only, whatever the fault; all faults are told with file and field."""

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from loaders.contract import ContractError, Report, load_contracts, load_report, load_reports
from loaders.dbt.staging_models import sources_of_models
from loaders.raw_schema import raw_schema
from loaders.settings import PROJECT_ROOT
from tests.support.documents.contracts import VISIT

STATION: dict[str, Any] = VISIT | {
    "name": "station",
    "code": "SW91",
    "columns": [{"name": "station_code", "header": "站点编号", "required": True, "key": True}],
}
RULE = {
    "name": "known",
    "kind": "references",
    "columns": ["station_code"],
    "other_report": "station",
    "meaning": {"zh": "站点应在名册中", "en": "the station stands in the register"},
}
FAULTY: dict[str, Any] = STATION | {"name": "faulty", "code": "SW92"}
LOOKS_INTO_IT = STATION | {"name": "beside", "code": "SW93", "cross_rules": [RULE | {"other_report": "faulty"}]}


def put(folder: Path, contract: dict[str, Any], name: str | None = None) -> Path:
    path = folder / (name or f"{contract['system']}/{contract['name']}.yml")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(contract, allow_unicode=True), encoding="utf-8")
    return path


def text(content: str | bytes) -> Callable[[Path], None]:
    raw = content if isinstance(content, bytes) else content.encode()

    def write(folder: Path) -> None:
        (folder / "social_work" / "faulty.yml").write_bytes(raw)

    return write


def changed(name: str | None = None, **changes: Any) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        put(folder, FAULTY | changes, name or "social_work/faulty.yml")

    return write


def owner(**role: str) -> dict[str, Any]:
    return {"role": {"zh": "负责人", "en": "owner"} | role, "email": "a@b"}


def folder_in_its_place(folder: Path) -> None:
    (folder / "social_work" / "faulty.yml").mkdir()


def link_to_nowhere(folder: Path) -> None:
    (folder / "social_work" / "faulty.yml").symlink_to(folder / "nowhere")


def station_of_another_system(folder: Path) -> None:
    put(folder, STATION | {"system": "charity", "code": "CH92"})
    put(folder, LOOKS_INTO_IT | {"cross_rules": []})


FAULTS: dict[str, tuple[Callable[[Path], None], str]] = {
    "no YAML": (text("report: ["), "file: "),
    "a tab": (text("report:\tfaulty\n\tcode: SW92"), "file: "),
    "an empty file": (text(""), "report: "),
    "a field twice": (text("name: faulty\nname: faulty\n"), "file: name is said twice"),
    "a key that is a list": (text("[a, b]: c\n"), "file: "),
    "a day that is none": (text("name: faulty\ncadence: 2023-13-45\n"), "file: "),
    "an endless nest": (text("[" * 5000), "file: "),
    "another encoding": (text(yaml.safe_dump(FAULTY, allow_unicode=True).encode("gb18030")), "file: expected text in utf-8"),
    "a folder": (folder_in_its_place, "file: cannot be read"),
    "a link to nowhere": (link_to_nowhere, "file: cannot be read"),
    "an unknown field": (changed(schedul="x"), 'schedul: is no field here; did you mean "schedule"?'),
    "half a character": (text('name: faulty\ntitle: {zh: "\\ud800", en: x}\n'), "file: "),
    "NUL": (changed(title={"zh": "a\0b", "en": "x"}), "title.zh: holds a character that is none"),
    "a file name that is none": (changed("social_work/my report.yml"), "name: the file must be social_work/faulty.yml"),
    "another folder": (changed("charity/faulty.yml"), "name: the file must be social_work/faulty.yml"),
    "another ending": (changed("social_work/faulty.yaml"), "file: the file must be faulty.yml"),
    "a code twice": (changed(code="SW91"), "code: SW91 is already used by another report (social_work/station.yml)"),
    "a name twice": (
        station_of_another_system,
        "name: station is already used by another report (social_work/station.yml)",
    ),
    "a rule on no column": (
        changed(rules=[{"expect": "expect_x", "arguments": {"column": "none"}, "meaning": RULE["meaning"]}]),
        "report: rule expect_x names column none, which is not described",
    ),
    "a rule into no report": (
        changed(cross_rules=[RULE | {"other_report": "depot"}]),
        "cross_rules.0 (known): other_report: there is no report depot",
    ),
    "a rule into no column": (
        changed(cross_rules=[RULE | {"other_columns": ["depot_code"]}]),
        "cross_rules.0 (known): report station has no column depot_code",
    ),
    "a rule of no column": (changed(cross_rules=[RULE | {"columns": ["x"]}]), "report: cross rule known names column x"),
    "a schedule in words": (changed(schedule="every day"), "report: schedule: expected a cron expression"),
    "a schedule of six": (changed(schedule="0 0 6 * * *"), "report: schedule: expected a cron expression"),
    "a 25th hour": (changed(schedule="0 25 * * *"), 'report: schedule: "0 25 * * *" is no cron expression'),
    "a 30 February": (changed(schedule="0 6 30 2 *"), 'report: schedule: "0 6 30 2 *" never comes'),
    "a tag too long": (changed(owner=owner(en="x" * 95)), "owner: role.en has at most 94 letters, found 95"),
    "a title of two lines": (changed(title={"zh": "表\n二", "en": "x"}), "title: zh must be one line"),
    "a title too long": (changed(title={"zh": "表" * 201, "en": "x"}), "title.zh: String should have at most 200 characters"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, contract in enumerate((STATION, LOOKS_INTO_IT)):
        os.utime(put(tmp_path, contract), (number, number))
    return tmp_path


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_costs_its_own_report_only(folder: Path, kind: str) -> None:
    write, told = FAULTS[kind]
    write(folder)
    contracts = load_contracts(folder)
    assert set(contracts.reports) == {"station", "beside"}
    assert any(f"{detail.field}: {detail.message}".startswith(told) for detail in contracts.errors), contracts.errors
    with pytest.raises(ContractError) as strict:
        load_reports(folder)
    assert str(strict.value).splitlines() == list(map(str, contracts.errors))


def test_a_rule_that_looks_into_a_faulty_contract_is_no_fault_of_its_own(folder: Path) -> None:
    text("report: [")(folder)
    assert {detail.file for detail in load_contracts(folder).errors} == {"social_work/faulty.yml"}
    assert load_contracts(folder).stopped == {"faulty"}
    with pytest.raises(ContractError, match=r"social_work/faulty\.yml: file"):
        load_contracts(folder).valid_report("faulty")
    with pytest.raises(ContractError, match="there is no contract of nothing"):
        load_contracts(folder).valid_report("nothing")


@pytest.mark.parametrize("newer", ["station", "faulty"])
def test_of_two_files_with_one_code_the_newer_is_at_fault_and_both_are_named(folder: Path, newer: str) -> None:
    os.utime(put(folder, FAULTY | {"code": "SW91"}), (5, 5))
    put(folder, LOOKS_INTO_IT | {"cross_rules": []})
    os.utime(folder / "social_work" / f"{newer}.yml", (9, 9))
    contracts = load_contracts(folder)
    assert contracts.stopped == {newer}
    (detail,) = contracts.errors
    assert "station.yml" in str(detail) and "faulty.yml" in str(detail)


def test_what_editors_keep_beside_a_contract_is_none(folder: Path) -> None:
    changed("social_work/.#faulty.yml", code="XX")(folder)
    changed("social_work/.faulty.yml.swp", code="XX")(folder)
    text(yaml.safe_dump(FAULTY, allow_unicode=True))(folder)
    assert load_contracts(folder).errors == ()


@pytest.mark.parametrize(
    "schedule",
    ["30 6 * * *", "*/5 * * * *", "0 5 1-13 * 1", "0 6 * JAN,feb MON-FRI", "15,45 0-23/2 * * 7", "0 0 29 2 *", "@daily"],
)
def test_schedules_that_a_scheduler_keeps(schedule: str) -> None:
    assert Report.model_validate(FAULTY | {"schedule": schedule}).schedule == schedule


def test_words_at_their_longest_are_right() -> None:
    longest = {"zh": "表" * 200, "en": "x" * 200}
    report = Report.model_validate(FAULTY | {"title": longest, "grain": {"zh": "一\n行", "en": "x"}, "owner": owner(en="x" * 94)})
    assert len(report.owner_on(dt.date.max).role.en) == 94


def test_the_models_say_what_a_stand_in_for_a_raw_table_must_hold() -> None:
    """As the contract has it, but for how exact a number is."""
    sources = sources_of_models(PROJECT_ROOT / "dbt_project")
    reports = load_reports(PROJECT_ROOT / "expectations")
    assert set(reports) <= set(sources)
    for name, report in reports.items():
        wanted = {field.name: str(field.type).partition("(")[0] for field in raw_schema(report)}
        described = {field.name: str(field.type).partition("(")[0] for field in sources[name]}
        assert described == wanted, name


def test_the_contract_that_a_task_loads_is_read_alone(folder: Path) -> None:
    text("report: [")(folder)
    assert load_report(folder / "social_work" / "station.yml").report == "station"
