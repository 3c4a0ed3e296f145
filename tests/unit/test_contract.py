import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from loaders.contract import ContractError, Report, load_report, load_reports
from tests.support.documents.contracts import VISIT

CONTRACT: dict[str, Any] = VISIT | {
    "columns": [
        {"name": "visit_code", "header": "编号", "required": True, "key": True},
        {"name": "mode", "header": "方式", "type": "choice", "choices": ["入户", "电话"]},
        {"name": "is_first", "header": "首次", "type": "boolean"},
        {"name": "client_id", "header": "身份证", "type": "resident_id", "pii": "personal"},
        {"name": "persons", "header": "人次", "type": "integer"},
    ],
}


def write(folder: Path, content: Any, name: str = "social_work/visit.yml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True)
    path.write_text(text, encoding="utf-8")
    return path


def with_changes(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(CONTRACT) | changes


def errors(tmp_path: Path, content: Any) -> list[str]:
    with pytest.raises(ContractError) as error:
        load_report(write(tmp_path, content))
    return [line.removeprefix("social_work/visit.yml: ") for line in str(error.value).splitlines()]


def column(**fields: Any) -> dict[str, Any]:
    return {"name": "amount", "header": "数", **fields}


def test_a_contract_is_read(tmp_path: Path) -> None:
    report = load_report(write(tmp_path, CONTRACT))
    assert report.key == ("visit_code",)
    assert report.column("client_id").is_personal
    assert report.units == ("4413",)
    with pytest.raises(KeyError):
        report.column("none")


def test_a_contract_cannot_be_changed(tmp_path: Path) -> None:
    report = load_report(write(tmp_path, CONTRACT))
    with pytest.raises(ValidationError):
        report.report = "other"
    with pytest.raises(ValidationError):
        report.columns[0].header = "other"


def test_every_fault_of_the_fields_is_reported_at_once_and_with_its_place(tmp_path: Path) -> None:
    content = with_changes(cadence="hourly", ownr={"x": 1}, due_day=99)
    del content["title"]
    content["columns"][1]["hedaer"] = "x"
    content["columns"][4]["type"] = "whole"
    content["source"]["port"] = 22
    assert errors(tmp_path, content) == [
        "title: is missing",
        "cadence: Input should be 'daily', 'weekly', 'monthly', 'quarterly', 'annual' or 'ad_hoc', found 'hourly'",
        "due_day: Input should be less than or equal to 60, found 99",
        'source.file_drop.port: is no field here; did you mean "format"?',
        'columns.1 (mode).hedaer: is no field here; did you mean "header"?',
        "columns.4 (persons).type: Input should be 'text', 'integer', 'decimal', 'date', 'datetime', 'month', 'quarter', 'year', "
        "'boolean', 'choice', 'uscc', 'resident_id', 'phone', 'bank_account' or 'division_code', found 'whole'",
        'ownr: is no field here; did you mean "owner"?',
    ]


def test_every_disagreement_between_fields_is_reported_at_once(tmp_path: Path) -> None:
    content = with_changes(
        replaces="period",
        period_kind=None,
        format={"kind": "records"},
        ignored_headers=["人次"],
        layouts=[{"name": "old", "without": ["visit_code", "gone"]}, {"name": "old", "headers": {"modus": "x"}}],
        rules=[
            {
                "expect": "expect_column_to_equal_sum",
                "arguments": {"column": "persons", "addends": ["men", "women"]},
                "where": {"mode": ["飞"], "persons": ["1"], "is_first": ["也许"], "where": ["x"]},
                "meaning": {"zh": "和", "en": "sum"},
            }
        ],
    )
    content["columns"] += [
        {"name": "persons", "header": "人次"},
        {"name": "client_id_key", "header": "键"},
        {"name": "unit_code", "header": "单位", "synonyms": ["编号"]},
    ]
    told = errors(tmp_path, content)
    for expected in (
        "column persons is described 2 times",
        "column client_id_key: this name is taken by the hash or the mask of a personal column",
        "column unit_code: this name is taken by the lineage of each row",
        'header "人次" belongs to 2 columns',
        'header "人次" is left out and belongs to a column',
        'header "编号" belongs to 2 columns',
        "rule expect_column_to_equal_sum names column men, which is not described",
        "rule expect_column_to_equal_sum names column women, which is not described",
        "rule expect_column_to_equal_sum names column where, which is not described",
        "rule expect_column_to_equal_sum where mode: 飞 is no value of the column",
        "rule expect_column_to_equal_sum where is_first: 也许 is no value of the column",
        "layout old is described 2 times",
        "layout old names column gone, which is not described",
        "layout old names column modus, which is not described",
        "layout old is without visit_code, which is a key column",
        "a source of kind file_drop gives a workbook or a delimited file, not records",
        "the pattern names the period: say period_kind",
        "replaces: period needs period_kind",
    ):
        assert any(line.startswith(f"report: {expected}") for line in told), (expected, told)


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ({"type": "choice"}, "choices go with type choice"),
        ({"choices": ["a"]}, "choices go with type choice"),
        ({"type": "choice", "choices": ["a"], "aliases": {"b": "c"}}, "aliases lead to values that are not in choices"),
        ({"aliases": {"b": "c"}}, "aliases lead to values that are not in choices"),
        ({"type": "phone"}, "is a personal number: say its pii class"),
        ({"type": "integer", "pii": "personal"}, "can carry a pii class"),
        ({"pii": "personal", "names_no_person": True}, "names_no_person contradicts the pii class"),
        ({"name": "x" * 57, "pii": "personal"}, "has at most 56 letters, found 57"),
        ({"type": "integer", "shape": [18, 2]}, "shape goes with type decimal, not with integer"),
        ({"type": "decimal", "shape": [2, 3]}, "shape is (precision up to 38"),
        ({"unit": "元"}, "unit goes with type decimal or integer, not with text"),
        ({"type": "decimal", "printed_unit": "万元"}, "printed_unit needs unit"),
        ({"type": "date", "known_in": "divisions.town"}, "known_in goes with type division_code or text, not with date"),
        ({"known_in": "divisions.town"}, "a list of codes with type division_code"),
        ({"type": "division_code", "known_in": "divisions.town_name"}, "a list of names (…_name) goes with type text"),
        ({"type": "date", "may_be_split": True}, "may_be_split goes with type text"),
        ({"two_digit_year": True}, "two_digit_year goes with type date or datetime"),
        ({"key": True, "may_be_absent": True}, "a key column cannot be absent"),
    ],
)
def test_what_does_not_go_together_in_a_column(tmp_path: Path, fields: dict[str, Any], detail: str) -> None:
    content = with_changes()
    content["columns"].append(column(**fields))
    told = errors(tmp_path, content)
    assert len(told) == 1 or all(line.startswith("columns.5") for line in told)
    assert any(detail in line for line in told), told


@pytest.mark.parametrize(
    ("changes", "place", "detail"),
    [
        ({"source": {"kind": "file_drop", "connection": "d", "pattern": "("}}, "source.file_drop", "pattern is not a regular"),
        (
            {"source": {"kind": "file_drop", "connection": "d", "pattern": "(?P<place>x)"}},
            "source.file_drop",
            "may name the groups",
        ),
        ({"source": {"kind": "carrier_pigeon"}}, "source", "carrier_pigeon"),
        ({"format": {"kind": "workbook", "sheets": "["}}, "format.workbook", "sheets is not a regular expression"),
        ({"format": {"kind": "delimited", "encoding": "latin-1"}}, "format.delimited.encoding", "gb18030"),
        ({"layouts": [{"name": "a", "since": "soon"}]}, "layouts.0 (a)", "since: expected a period like 2023-06"),
        ({"layouts": [{"name": "a", "since": "2023", "until": "2022"}]}, "layouts.0 (a)", "until 2022 lies before since 2023"),
        ({"columns": []}, "columns", "at least 1 item"),
        ({"name": "Visit"}, "name", "should match pattern"),
        ({"units": [441302]}, "units.0", "valid string, found 441302"),
        ({"owner": {"role": {"zh": "", "en": "x"}, "email": "nobody"}}, "owner.email", "should match pattern"),
    ],
)
def test_what_cannot_be_in_a_contract(tmp_path: Path, changes: dict[str, Any], place: str, detail: str) -> None:
    told = errors(tmp_path, with_changes(**changes))
    assert any(line.startswith(f"{place}: ") and detail in line for line in told), told


def test_sources_of_records_want_records_and_a_known_key(tmp_path: Path) -> None:
    api = {"kind": "http_api", "connection": "api", "request": {"path": "/x"}, "key": "id", "updated_field": "at"}
    assert errors(tmp_path, with_changes(source=api)) == [
        "report: a source of kind http_api with answer: json gives records, not delimited",
        "report: source.key id is no field of a column",
    ]
    content = with_changes(source=api, format={"kind": "records"})
    content["columns"][0]["field"] = "id"
    assert load_report(write(tmp_path, content)).source.kind == "http_api"


def test_a_field_that_is_said_twice_is_a_fault(tmp_path: Path) -> None:
    text = yaml.safe_dump(CONTRACT, allow_unicode=True) + "replaces: key\n"
    (detail,) = errors(tmp_path, text)
    assert detail.startswith("file: replaces is said twice")
    assert "line" in detail


@pytest.mark.parametrize("text", ["report: [", "- a\n- b\n", "", "report: \x07"])
def test_a_file_that_is_no_contract_at_all(tmp_path: Path, text: str) -> None:
    assert len(errors(tmp_path, text)) == 1


def test_a_file_in_another_encoding_is_a_fault(tmp_path: Path) -> None:
    path = write(tmp_path, CONTRACT)
    path.write_bytes(yaml.safe_dump(CONTRACT, allow_unicode=True).encode("gb18030"))
    with pytest.raises(ContractError, match=r"visit.yml: file: .*utf-8"):
        load_report(path)


def test_all_faults_of_all_files_are_reported_together(tmp_path: Path) -> None:
    write(tmp_path, CONTRACT)
    write(tmp_path, with_changes(name="other"), "social_work/third.yml")
    write(tmp_path, with_changes(system="charity", code="CH90"), "charity/visit.yml")
    write(tmp_path, with_changes(name="fourth", code="XX1"), "social_work/fourth.yml")
    with pytest.raises(ContractError) as error:
        load_reports(tmp_path)
    taken = "is already used by another report (social_work/visit.yml); give one of the two another"
    assert str(error.value).splitlines() == [
        "social_work/fourth.yml: code: expected a code that begins with SW, found XX1; "
        "change it, or systems.social_work.code_prefix in deployment.yml",
        "social_work/third.yml: name: the file must be social_work/other.yml",
        f"charity/visit.yml: name: visit {taken}",
        f"social_work/third.yml: code: SW90 {taken}",
    ]


def test_contracts_are_found_by_name(tmp_path: Path) -> None:
    write(tmp_path, CONTRACT)
    assert list(load_reports(tmp_path)) == ["visit"]
    assert load_reports(tmp_path / "nowhere") == {}


def test_the_same_contract_is_the_same_value(tmp_path: Path) -> None:
    assert Report.model_validate(with_changes(units=["4413"])) == load_report(write(tmp_path, CONTRACT))
