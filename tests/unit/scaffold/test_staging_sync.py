"""`huimin contracts sync`: columns that a contract gained appear in the staging model; what a person edited stays."""

import re
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from loaders.cli import app
from loaders.contract import ContractError, Report, load_report
from loaders.dbt.staging_models import staging_description, staging_sql
from loaders.scaffold.report_files import scaffold_report
from loaders.scaffold.staging_sync import staging_edits
from loaders.settings import PROJECT_ROOT

FOLDER = Path("dbt_project", "models", "staging", "charity")
GAINED = """\
  - {name: opened_date, header: 立项日期, type: date}
  - {name: column_1, header: 编号, required: true, key: true}
  - {name: leader, header: 负责人, pii: contact}
  - {name: column_2, header: 名称}
  - {name: grant_yuan, header: 资助金额（元）, type: decimal, shape: [14, 2], unit: 元}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project whose report has models for two columns."""
    for _ in range(2):
        scaffold_report(tmp_path, system="charity", name="made", code="CH98")
    return tmp_path


def with_more_columns(root: Path) -> Report:
    contract = root / "expectations" / "charity" / "made.yml"
    head, _, _ = contract.read_text(encoding="utf-8").partition("  - {name")
    contract.write_text(head + GAINED, encoding="utf-8")
    return load_report(contract)


def apply(root: Path, report: Report) -> None:
    for edit in staging_edits(root, report):
        edit.write()


def test_new_columns_appear_where_a_new_model_would_have_them(root: Path) -> None:
    assert staging_edits(root, load_report(root / "expectations" / "charity" / "made.yml")) == []
    report = with_more_columns(root)
    apply(root, report)
    model = root / FOLDER / "stg_charity__made.sql"
    assert model.read_text(encoding="utf-8") == staging_sql(report)
    described = yaml.safe_load(model.with_suffix(".yml").read_text(encoding="utf-8"))
    assert described == yaml.safe_load(staging_description(report))
    assert staging_edits(root, report) == [], "a second run finds nothing"


def test_what_a_person_edited_stays(root: Path) -> None:
    model, description = root / FOLDER / "stg_charity__made.sql", root / FOLDER / "stg_charity__made.yml"
    sql = model.read_text(encoding="utf-8").replace(
        "        column_2,", "        trim(column_2) as column_2, -- with leader's blanks"
    )
    model.write_text(sql, encoding="utf-8", newline="\r\n")
    text = description.read_text(encoding="utf-8").replace(
        "  - name: column_2\n    description: 名称\n",
        "  # as the office names it\n  - {name: column_2, description: 项目的名称, data_tests: [not_null]}\n  # the lineage\n",
    )
    description.write_text(text, encoding="utf-8")
    apply(root, with_more_columns(root))
    after = model.read_bytes().decode()
    assert after.replace("\r\n", "").count("\n") == 0, "line ends stay"
    kept = [line for line in after.split("\r\n") if line in sql.splitlines()]
    assert kept == [*sql.splitlines(), ""]
    names = [line.strip() for line in after.split("\r\n") if re.match(" *(opened|column|trim|leader|grant)", line)]
    assert names == [
        "opened_date,",
        "column_1,",
        "leader_key,",
        "leader_masked,",
        "trim(column_2) as column_2, -- with leader's blanks",
        "grant_yuan,",
    ]
    lines = description.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line in text.splitlines()] == text.splitlines()
    columns = yaml.safe_load("\n".join(lines))["models"][0]["columns"]
    assert [column["name"] for column in columns][:6] == [
        "opened_date",
        "column_1",
        "leader_key",
        "leader_masked",
        "column_2",
        "grant_yuan",
    ]


def test_a_model_that_was_rewritten_is_left_as_it_is(root: Path) -> None:
    model = root / FOLDER / "stg_charity__made.sql"
    model.write_text("select s.* from somewhere as s\n", encoding="utf-8")
    with pytest.raises(ContractError, match=r"add opened_date, column_1, .* by hand"):
        staging_edits(root, with_more_columns(root))


def test_a_report_without_a_model_says_how_to_get_one(tmp_path: Path) -> None:
    (contract,) = scaffold_report(tmp_path, system="charity", name="made", code="CH98")
    with pytest.raises(ContractError, match="huimin new-report charity made --code CH98"):
        staging_edits(tmp_path, load_report(contract))


def test_a_dry_run_shows_the_diff_and_writes_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIMIN_DEPLOYMENT", str(root))
    monkeypatch.delenv("HUIMIN_EXPECTATIONS", raising=False)
    (root / "deployment.yml").write_bytes((PROJECT_ROOT / "deployment.yml").read_bytes())
    with_more_columns(root)
    model = root / FOLDER / "stg_charity__made.sql"
    before = model.read_bytes()
    done = CliRunner().invoke(app, ["contracts", "sync", "made", "--dry-run"])
    assert done.exit_code == 0, done.output
    assert "+        leader_key,\n" in done.output and "+  - name: grant_yuan\n" in done.output
    assert model.read_bytes() == before
    assert (
        "added opened_date, leader_key, leader_masked, grant_yuan"
        in CliRunner().invoke(app, ["contracts", "sync", "made"]).output
    )
    assert "has all columns" in CliRunner().invoke(app, ["contracts", "sync", "made"]).output


@pytest.mark.parametrize("contract", sorted((PROJECT_ROOT / "expectations").glob("*/*.yml")), ids=lambda path: path.stem)
def test_the_models_of_this_project_have_all_columns(contract: Path) -> None:
    assert staging_edits(PROJECT_ROOT, load_report(contract)) == []
