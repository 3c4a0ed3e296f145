"""The rules of the house that a machine can check: which room may know which, and how large a room may be."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("loaders", "demo", "sample_city", "dags")
MOST_LINES = 300
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "shared"}
# What a DAG file may know before a task runs.
DAGS_MAY_IMPORT = {"loaders", "loaders.period", "loaders.pipeline", "loaders.contract", "loaders.schedule", "loaders.settings"}
DAGS_MAY_IMPORT |= {"loaders.operations.releases", "loaders.contract.release_rules", "loaders.contract.terms.people"}
# The triggerer reads and validates nothing: the pipeline would stay in its memory for good.
DAGS_MAY_IMPORT |= {"loaders.stages.notifying.stuck_runs"}
# The plugin that mounts the pages, and what the pages say of a report.
DAGS_MAY_IMPORT |= {"loaders.pages.app", "loaders.pages.access.viewer", "loaders.pages.report_markdown"}
DAGS_MAY_IMPORT |= {"loaders.lineage.sending"}
DAGS_MAY_IMPORT |= {"loaders.operations.queries", "loaders.divisions", "loaders.schedule.source_pools"}
DAGS_MAY_IMPORT |= {"loaders.operations.lifecycle.retention"}
# Who hands the environment on to processes; all others are told what they need.
READS_ENVIRONMENT = {"loaders/settings.py"}
DBT_FOLDERS = (ROOT / "dbt_project" / "engine", ROOT / "dbt_project")
LAYERS = ("seeds", "staging", "core", "evidence", "indicators", "bi")
REFERENCE = re.compile(r"\bref\(\s*['\"](\w+)['\"]")


def modules(*packages: str) -> Iterator[Path]:
    for package in packages or PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(path: Path, *, inside_functions: bool) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = ast.walk(tree) if inside_functions else iter(tree.body)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_packages_know_only_those_that_they_may() -> None:
    command = [Path(sys.executable).parent / "lint-imports", "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_folder_of_code_is_a_package_that_the_rules_reach() -> None:
    """Without an __init__.py, a folder's imports would go unseen. Alembic reads the versions by their paths."""
    folders = {path.parent for path in modules("loaders", "demo", "sample_city") if path.parent.name != "versions"}
    assert sorted(named(folder) for folder in folders if not (folder / "__init__.py").exists()) == []


def test_dag_files_know_the_pipeline_and_the_contracts_only() -> None:
    known = {name for path in modules("dags") for name in imports(path, inside_functions=True) if name.startswith("loaders")}
    assert known <= DAGS_MAY_IMPORT
    known = {name.partition(".")[0] for path in modules("dags") for name in imports(path, inside_functions=True)}
    assert not known & {"demo", "sample_city"}


def test_dag_files_import_the_pipeline_inside_tasks_alone() -> None:
    """It brings Great Expectations, pandas and pyarrow, and a DAG file is read again and again."""
    for path in modules("dags"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ImportFrom) and node.module == "loaders":
                assert "pipeline" not in {alias.name for alias in node.names}, named(path)


def test_airflow_is_named_in_dags_alone() -> None:
    assert [named(path) for path in modules("loaders", "demo", "sample_city") if "airflow" in imports_of_root(path)] == []


def imports_of_root(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imports(path, inside_functions=True)}


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    lengths = {named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_every_module_has_a_name_that_says_what_is_in_it() -> None:
    assert [named(path) for path in modules() if path.stem in NAMELESS] == []


def test_the_environment_is_read_in_one_place() -> None:
    reading = re.compile(r"os\.environ\.get|os\.environ\[|os\.getenv")
    readers = {named(path) for path in modules("loaders") if reading.search(path.read_text(encoding="utf-8"))}
    assert readers == READS_ENVIRONMENT


def test_nothing_says_where_it_was_written() -> None:
    """No path of one machine, and nothing of the folder that the project's facts were taken from."""
    parts = ("/work" + "/", "../" + "shared")
    for path in modules():
        assert not any(part in path.read_text(encoding="utf-8") for part in parts), named(path)


@pytest.fixture(scope="module")
def layer_of() -> dict[str, int]:
    """The place of each dbt model and seed in the order of the layers."""
    models = {path.stem: LAYERS.index(layer(path)) for path in model_files()}
    return models | {path.stem: 0 for folder in DBT_FOLDERS for path in (folder / "seeds").glob("*.csv")}


def model_files() -> list[Path]:
    return sorted(path for folder in DBT_FOLDERS for path in (folder / "models").rglob("*.sql"))


def layer(path: Path) -> str:
    return path.parts[path.parts.index("models") + 1]


def test_the_engine_reads_no_model_of_a_deployment() -> None:
    """Seeds are each deployment's own, under the same names."""
    engine, own = ({path.stem for path in (folder / "models").rglob("*.sql")} for folder in DBT_FOLDERS)
    files = [*DBT_FOLDERS[0].rglob("*.sql"), *DBT_FOLDERS[0].rglob("*.yml")]
    read = {name for path in files for name in REFERENCE.findall(path.read_text(encoding="utf-8"))}
    assert read & own == set()
    assert read - engine == {
        "area_figures",
        "division_spells",
        "divisions",
        "holiday_arrangements",
        "indicators",
        "lunar_months",
        "measures",
        "published_figures",
        "targets",
    }


def test_models_read_from_layers_below_their_own(layer_of: dict[str, int]) -> None:
    upwards = [
        f"{path.parent.name}/{path.stem} reads {name}"
        for path in model_files()
        for name in REFERENCE.findall(path.read_text(encoding="utf-8"))
        if layer_of[name] > layer_of[path.stem]
    ]
    assert upwards == []


def test_only_staging_reads_what_loaders_write() -> None:
    readers = {layer(path) for path in model_files() if "source(" in path.read_text()}
    assert readers == {"staging"}
