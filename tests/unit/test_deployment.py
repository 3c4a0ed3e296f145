"""A deployment's file: what it may say, what is wrong with it, and what contracts take from it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from loaders.contract import DeploymentError, deployment_of, load_contracts, load_deployment
from loaders.operations.deployment_check import deployment_errors
from loaders.scaffold.deployment_files import scaffold_deployment
from loaders.settings import PROJECT_ROOT, deployment_from_environment, expectations_from_environment, home_from_environment

ENGINE = PROJECT_ROOT / "dbt_project"
CONTRACT = "expectations/services/service_visit.yml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    scaffold_deployment(tmp_path / "trial", "trial")
    return tmp_path / "trial"


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def check(folder: Path) -> list[str]:
    contracts = load_contracts(folder / "expectations")
    return [*map(str, contracts.errors), *deployment_errors(folder / "dbt_project", contracts.reports, ENGINE)]


def test_a_new_deployment_is_right_and_its_report_is_of_its_root(folder: Path) -> None:
    assert check(folder) == []
    report = load_contracts(folder / "expectations").reports["service_visit"]
    assert (report.units, report.code) == (("990201",), "FW-01")
    assert "evidence_row('FW-ZF-01'" in next(folder.glob("dbt_project/models/evidence/services/*.sql")).read_text(
        encoding="utf-8"
    )


def test_init_writes_into_no_folder_that_is_there(folder: Path) -> None:
    with pytest.raises(ValueError, match="exists already"):
        scaffold_deployment(folder, "trial")
    with pytest.raises(ValueError, match="NAME is small letters"):
        scaffold_deployment(folder.parent / "other", "青溪")
    assert not (folder.parent / "other").exists()


def test_units_that_a_contract_names_stay(folder: Path) -> None:
    contract = folder / CONTRACT
    change(contract, "due_day: 5", 'due_day: 5\nunit_level: town\nunits: ["990201001"]')
    assert load_contracts(folder / "expectations").reports["service_visit"].units == ("990201001",)


@pytest.mark.parametrize(
    ("file", "old", "new", "error"),
    [
        (CONTRACT, "system: services", "system: charity", "system: expected one of services, found charity"),
        (CONTRACT, "code: FW-01", "code: AB-01", "code: expected a code that begins with FW, found AB-01"),
        (CONTRACT, "due_day: 5", 'due_day: 5\nunits: ["4413"]', "units: 4413 are not in seeds/divisions.csv"),
        ("deployment.yml", '"990201"', '"990299"', "root_division: expected a code of seeds/divisions.csv, found 990299"),
        ("deployment.yml", '"990201"', '"990201001"', "root_division: expected 990201 (示例区)"),
        ("dbt_project/seeds/divisions.csv", "parent_code,", "parent,", "column 'parent_code' is missing"),
        ("dbt_project/seeds/indicators.csv", "sensitivity", "sensitive", "seeds/indicators.csv: columns sensitivity are missing"),
        (
            "dbt_project/seeds/indicators.csv",
            "FW-01",
            "FW-02",
            "FW-ZF-01: source_report: expected the code of a contract, found FW-02",
        ),
    ],
)
def test_what_does_not_agree_says_where_and_what_was_found(folder: Path, file: str, old: str, new: str, error: str) -> None:
    change(folder / file, old, new)
    (found,) = [line for line in check(folder) if "source_report" in error or "source_report" not in line]
    assert error in found


def test_every_error_of_the_list_of_figures_names_its_line(folder: Path) -> None:
    seeds = folder / "dbt_project" / "seeds"
    header = "measure_code,area_code,as_of_date,quantity,tolerance,basis,source,note"
    with (seeds / "measures.csv").open("a", encoding="utf-8") as lines:
        lines.write("residents,常住人口,Residents,services,人,sum,stock,1,,,,,,\n")
    right = "residents,990201,2020-11-01,84210,0,published,census,"
    path = seeds / "area_figures.csv"
    path.write_text("\n".join([header, right]) + "\n", encoding="utf-8")
    assert check(folder) == []
    wrong = ["people,990201,2020-11-01,1,0,published,census,", "residents,123,2020-11-01,1,0,guess,,"]
    path.write_text("\n".join([header, right, *wrong]) + "\n", encoding="utf-8")
    assert [error.partition(", ")[0] for error in check(folder)] == [
        "seeds/area_figures.csv line 3: measure_code: expected a code of seeds/measures.csv",
        "seeds/area_figures.csv line 4: area_code: expected a code of seeds/divisions.csv",
        "seeds/area_figures.csv line 4: basis: expected published or sample",
        "seeds/area_figures.csv line 4: source: expected what the figure was taken from",
    ]
    path.write_text("area_code,as_of_date\n", encoding="utf-8")
    assert check(folder) == [
        "seeds/area_figures.csv: columns measure_code, quantity, tolerance, basis, source, note are missing; add them"
    ]


def test_a_seed_that_the_engine_reads_must_be_there(folder: Path) -> None:
    (folder / "dbt_project" / "seeds" / "targets.csv").unlink()
    (found,) = check(folder)
    assert found.startswith("seeds/targets.csv: there is none at ")
    assert "indicator_code,area_code,year_number" in found


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"systems": {}}, "systems: Dictionary should have at least 1 item"),
        ({"systems": {"ops": {"title": {"zh": "甲", "en": "A"}}}}, "systems.ops: this name is taken"),
        ({"first_year": "soon"}, "first_year: "),
        ({"region": "x"}, "region: "),
    ],
)
def test_every_error_of_the_file_names_its_field(folder: Path, changes: dict[str, object], error: str) -> None:
    path = folder / "deployment.yml"
    path.write_text(
        yaml.safe_dump(yaml.safe_load(path.read_text(encoding="utf-8")) | changes, allow_unicode=True), encoding="utf-8"
    )
    with pytest.raises(DeploymentError) as refused:
        load_deployment(path)
    assert f"{path}: {error}" in str(refused.value)


def test_a_folder_of_contracts_alone_belongs_to_the_deployment_of_the_environment(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HUIMIN_DEPLOYMENT", raising=False)
    assert deployment_of(tmp_path / "elsewhere").root_division == "4413"
    monkeypatch.setenv("HUIMIN_DEPLOYMENT", str(folder))
    assert deployment_of(tmp_path / "elsewhere").root_division == "990201"
    monkeypatch.setenv("HUIMIN_DEPLOYMENT", str(tmp_path / "nowhere"))
    with pytest.raises(DeploymentError, match="set HUIMIN_DEPLOYMENT to the folder of a deployment"):
        deployment_of(tmp_path / "elsewhere" / "expectations")


def test_all_places_follow_the_deployment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HUIMIN_HOME", "HUIMIN_EXPECTATIONS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HUIMIN_DEPLOYMENT", str(folder))
    assert deployment_from_environment() == folder
    assert expectations_from_environment() == folder / "expectations"
    assert home_from_environment() == folder / ".huimin"
