from pathlib import Path

import openpyxl
import pytest

from loaders.contract import ContractError, Report, load_report, load_reports
from loaders.dbt.staging_models import warehouse_names
from loaders.scaffold.report_files import scaffold_report

ROOT = Path(__file__).parents[2]


def test_the_first_call_writes_a_contract_that_is_right(tmp_path: Path) -> None:
    (contract,) = scaffold_report(tmp_path, system="charity", name="micro_project", code="CH08", title='微项目: "试点" #1')
    report = load_report(contract)
    assert (report.report, report.code, report.title.zh) == ("micro_project", "CH08", '微项目: "试点" #1')
    assert contract.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=../report.schema.json\n")
    assert list(load_reports(tmp_path / "expectations")) == ["micro_project"]


def test_the_second_call_writes_the_model_and_the_fixture_folder_and_the_third_nothing(tmp_path: Path) -> None:
    scaffold_report(tmp_path, system="charity", name="micro_project", code="CH08")
    written = scaffold_report(tmp_path, system="charity", name="micro_project", code="CH08")
    assert [str(path.relative_to(tmp_path)) for path in written] == [
        "dbt_project/models/staging/charity/stg_charity__micro_project.sql",
        "dbt_project/models/staging/charity/stg_charity__micro_project.yml",
        "tests/reports/micro_project/README.md",
    ]
    sql = written[0].read_text(encoding="utf-8")
    assert "select * from {{ source('raw', 'micro_project') }}" in sql
    assert "        column_1,\n        column_2,\n        _unit_code as unit_code,\n" in sql
    written[0].write_text("select 1", encoding="utf-8")
    assert scaffold_report(tmp_path, system="charity", name="micro_project", code="CH08") == []
    assert written[0].read_text(encoding="utf-8") == "select 1"


def test_the_headers_of_a_sample_become_columns(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["2023年微项目"])
    book.active.append(["序号", "项目名称", "金额（万元）"])
    book.active.append([1, "义诊", 2.5])
    book.save(tmp_path / "sample.xlsx")
    (contract,) = scaffold_report(tmp_path, system="charity", name="micro_project", code="CH08", sample=tmp_path / "sample.xlsx")
    assert [column.header for column in load_report(contract).columns] == ["序号", "项目名称", "金额（万元）"]


def test_a_wrong_contract_is_told_and_nothing_is_written(tmp_path: Path) -> None:
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
