import csv
from pathlib import Path

import openpyxl
import pytest
import yaml

from loaders.contract import ContractError, Report, load_report, load_reports
from loaders.dbt.staging_models import warehouse_names
from loaders.scaffold.indicator_files import NewIndicator, scaffold_indicator
from loaders.scaffold.report_files import scaffold_report

ROOT = Path(__file__).parents[3]


def test_the_first_call_writes_a_contract_that_is_right(tmp_path: Path) -> None:
    (contract,) = scaffold_report(tmp_path, system="charity", name="micro_project", code="CH08", title='微项目: "试点" #1')
    report = load_report(contract)
    assert (report.report, report.code, report.title.zh) == ("micro_project", "CH08", '微项目: "试点" #1')
    assert contract.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=../report.schema.json\n")
    assert list(load_reports(tmp_path / "expectations")) == ["micro_project"]


def test_the_second_call_writes_all_other_files_and_the_third_nothing(tmp_path: Path) -> None:
    """The coverage page gets a row where there is one: only a deployment that accounts for what it publishes has it."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "tests" / "reports").mkdir(parents=True)
    (tmp_path / "docs" / "coverage.md").write_text("# Coverage\n", encoding="utf-8")
    scaffold_report(tmp_path, system="charity", name="micro_project", code="CH08")
    written = scaffold_report(tmp_path, system="charity", name="micro_project", code="CH08")
    assert [str(path.relative_to(tmp_path)) for path in written] == [
        "dbt_project/models/staging/charity/stg_charity__micro_project.sql",
        "dbt_project/models/staging/charity/stg_charity__micro_project.yml",
        "dbt_project/models/evidence/charity/evidence_micro_project.sql",
        "dbt_project/models/evidence/charity/evidence_micro_project.yml",
        "dbt_project/models/staging/charity/_charity__sources.yml",
        "docs/coverage.md",
    ]
    assert (tmp_path / "tests" / "reports" / "micro_project").is_dir()
    assert "      - name: micro_project\n" in written[4].read_text(encoding="utf-8")
    assert "| micro_project | CH08 | `stg_charity__micro_project`, " in written[5].read_text(encoding="utf-8")
    sql = written[0].read_text(encoding="utf-8")
    assert "select * from {{ source('charity', 'micro_project') }}" in sql
    assert "        column_1,\n        column_2,\n        _unit_code as unit_code,\n" in sql
    written[0].write_text("select 1", encoding="utf-8")
    assert scaffold_report(tmp_path, system="charity", name="micro_project", code="CH08") == []
    assert written[0].read_text(encoding="utf-8") == "select 1"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with the report micro_project, whose amounts are numbers, and a dictionary of two indicators."""
    (contract,) = scaffold_report(tmp_path, system="charity", name="micro_project", code="CH08")
    number = contract.read_text(encoding="utf-8").replace("header: 名称", "header: 名称, type: decimal, shape: [18, 2]")
    contract.write_text(number, encoding="utf-8")
    scaffold_report(tmp_path, system="charity", name="micro_project", code="CH08")
    seeds = tmp_path / "dbt_project" / "seeds"
    seeds.mkdir()
    head = (ROOT / "dbt_project" / "seeds" / "indicators.csv").read_text(encoding="utf-8").splitlines()[0]
    rows = ("CH-CF-01,一,one,charity,个,count,flow,1,,,,CH07,办,", "SW-SV-01,二,two,social_work,个,count,flow,1,,,,SW06,办,")
    (seeds / "indicators.csv").write_text("\n".join((head, *rows, "")), encoding="utf-8")
    return tmp_path


def new_indicator(
    root: Path, code: str, quantity: str | None = None, report: str = "micro_project"
) -> tuple[list[str], list[str]]:
    remarks: list[str] = []
    indicator = NewIndicator(code, "微项目数", "micro projects", "个", quantity)
    written = scaffold_indicator(root, report, indicator, remark=remarks.append)
    return [path.name for path in written], remarks


def test_an_indicator_gets_a_line_in_each_of_its_three_files_and_once_only(root: Path) -> None:
    three = ["indicators.csv", "evidence_micro_project.sql", "evidence_micro_project.yml"]
    assert new_indicator(root, "CH-WW-01") == (three, [])
    assert new_indicator(root, "CH-WW-02", quantity="column_2") == (three, [])
    assert new_indicator(root, "CH-WW-01") == ([], [])
    with (root / "dbt_project" / "seeds" / "indicators.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["indicator_code"], row["aggregation"], row["source_report"]) for row in rows] == [
        ("CH-CF-01", "count", "CH07"),
        ("CH-WW-01", "count", "CH08"),
        ("CH-WW-02", "sum", "CH08"),
        ("SW-SV-01", "count", "SW06"),
    ]
    model = root / "dbt_project" / "models" / "evidence" / "charity" / "evidence_micro_project.sql"
    sql = model.read_text(encoding="utf-8")
    assert [sql.count(word) for word in ("CH-WW-01", "CH-WW-02", "union all", "where=", "quantity='column_2'")] == [1, 1, 1, 0, 1]
    (test,) = yaml.safe_load(model.with_suffix(".yml").read_text(encoding="utf-8"))["unit_tests"]
    assert [(row["indicator_code"], row["quantity"]) for row in test["expect"]["rows"]] == [("CH-WW-01", 1), ("CH-WW-02", "2.50")]


def test_a_unit_test_that_a_person_wrote_is_left_alone_and_named(root: Path) -> None:
    description = root / "dbt_project" / "models" / "evidence" / "charity" / "evidence_micro_project.yml"
    description.write_text(
        description.read_text(encoding="utf-8").replace("rows_of_micro", "finished_micro") + "# mine\n", encoding="utf-8"
    )
    written, (remark,) = new_indicator(root, "CH-WW-01")
    assert written == ["indicators.csv", "evidence_micro_project.sql"]
    assert remark.startswith("evidence_micro_project.yml: its unit tests were written by hand; add what they expect of CH-WW-01")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"code": "ch-1"}, "CODE is capitals, digits and -, beginning with CH"),
        ({"code": "SW-HV-01"}, 'beginning with CH, such as CH-CF-03; not "SW-HV-01"'),
        ({"code": "CH-WW-01", "report": "none"}, "there is no report none"),
        ({"code": "CH-WW-01", "quantity": "column_1"}, "column_1 is no number of micro_project: --quantity is one of column_2"),
        ({"code": "CH-CF-01"}, "CH-CF-01 is 一, from CH07; choose another CODE"),
    ],
)
def test_an_indicator_that_cannot_be_writes_nothing(root: Path, arguments: dict[str, str], error: str) -> None:
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    with pytest.raises(ContractError, match=error):
        new_indicator(root, **arguments)
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_the_headers_of_a_sample_become_columns(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["2023年微项目"])
    book.active.append(["序号", "项目名称", "金额（万元）"])
    book.active.append([1, "义诊", 2.5])
    book.save(tmp_path / "sample.xlsx")
    (contract,) = scaffold_report(
        tmp_path, system="charity", name="micro_project", code="CH08", samples=[tmp_path / "sample.xlsx"]
    )
    assert [column.header for column in load_report(contract).columns] == ["序号", "项目名称", "金额（万元）"]


def test_a_wrong_contract_is_reported_and_nothing_is_written(tmp_path: Path) -> None:
    (contract,) = scaffold_report(tmp_path, system="charity", name="micro_project", code="CH08")
    contract.write_text(contract.read_text(encoding="utf-8").replace("monthly", "hourly"), encoding="utf-8")
    with pytest.raises(ContractError, match="cadence"):
        scaffold_report(tmp_path, system="charity", name="micro_project", code="CH08")
    assert not (tmp_path / "dbt_project").exists()
    with pytest.raises(ValueError, match="finance"):
        scaffold_report(tmp_path, system="finance", name="x", code="CH08")


@pytest.mark.parametrize("report", load_reports(ROOT / "expectations").values(), ids=lambda report: report.report)
def test_staging_models_name_every_column_of_their_contract(report: Report) -> None:
    model = ROOT / "dbt_project" / "models" / "staging" / report.system / f"stg_{report.system}__{report.report}.sql"
    words = set(model.read_text(encoding="utf-8").replace(",", " ").split())
    assert {name for column in report.columns for name in warehouse_names(column)} <= words
