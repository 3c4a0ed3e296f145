"""The production shape holds together: parts, images, secrets, and variables that somebody reads."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from demo.airflow_settings import COMPONENTS, airflow_environment
from demo.secrets import DemoSecrets
from loaders.contract import load_reports
from tests.support.compose_file import ROOT, env_files, example, filled, raw, variables, variables_of

FOREVER = {"postgres", "pages", "outbox", "watch", *COMPONENTS}
ONCE = {"airflow-init", "warehouse-init"}
ASKED_FOR = {"backup"}
# Set by who needs them, and without a value of their own.
OPTIONAL = {"HUIMIN_DEPLOYMENT_FOLDER", "HUIMIN_LANDING"}
SECRETS = re.compile(r"PASSWORD|SECRET|KEY")
# What differs on purpose: where people log in, where things lie, and that each container has its own address.
OF_ONE_MACHINE = {"SIMPLE_AUTH_MANAGER_USERS", "SIMPLE_AUTH_MANAGER_PASSWORDS_FILE", "HOST", "PORT"}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    given = {
        name: value or f"{name.lower()}-of-48-letters-and-more-0123456789abcdef"
        for name, value in example().items()
        if name not in OPTIONAL
    }
    return filled(raw()["services"], given)


def test_all_parts_are_there(services: dict[str, Any]) -> None:
    assert set(services) == FOREVER | ONCE | ASKED_FOR
    assert {name for name, service in services.items() if service.get("profiles")} == ASKED_FOR


def test_the_file_is_one_of_the_specification() -> None:
    """The schema of the Compose Specification, from https://github.com/compose-spec/compose-go (Apache-2.0)."""
    schema = json.loads((ROOT / "tests" / "support" / "compose_spec" / "compose-spec.json").read_text(encoding="utf-8"))
    checker = jsonschema.Draft202012Validator(schema)
    assert [f"{'/'.join(map(str, error.path))}: {error.message}" for error in checker.iter_errors(raw())] == []
    misspelled = raw()
    misspelled["services"]["pages"]["env_files"] = ["docker/pages.env"]
    assert not checker.is_valid(misspelled)


@pytest.mark.parametrize("name", sorted(FOREVER))
def test_what_runs_for_ever_is_restarted_watched_and_bounded(services: dict[str, Any], name: str) -> None:
    service = services[name]
    assert service["restart"] == "unless-stopped"
    assert {"test", "interval", "timeout", "retries", "start_period"} <= set(service["healthcheck"])
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}
    assert "no-new-privileges:true" in service["security_opt"]


@pytest.mark.parametrize("name", sorted(ONCE | ASKED_FOR | {"pages", "outbox", "watch"} | set(COMPONENTS)))
def test_our_processes_are_not_root(services: dict[str, Any], name: str) -> None:
    assert services[name]["user"] == "10001:10001"
    assert services[name]["cap_drop"] == ["ALL"]
    dockerfile = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")
    assert "--uid 10001" in dockerfile and re.search(r"^USER huimin$", dockerfile, re.MULTILINE)


@pytest.mark.parametrize("name", sorted(COMPONENTS))
def test_components_start_as_the_demo_starts_them(services: dict[str, Any], name: str) -> None:
    command = [word for word in services[name]["command"] if word not in {"--port", "8080"}]
    assert command == ["airflow", name, *COMPONENTS[name]]
    assert {service: wanted["condition"] for service, wanted in services[name]["depends_on"].items()} == dict.fromkeys(
        ONCE, "service_completed_successfully"
    )


def test_components_have_the_settings_of_the_demo(services: dict[str, Any]) -> None:
    local = airflow_environment(Path("/x"), Path("/y"), "", 1, DemoSecrets())
    wanted = {name for name in local if name.partition("__")[2].partition("__")[2] not in OF_ONE_MACHINE} - {"AIRFLOW_HOME"}
    fixed = {
        name: local[name] for name in wanted if re.search(r"WORKERS|SCHEDULER__|DAG_PROCESSOR|EXECUTOR$|TIMEZONE|USAGE", name)
    }
    of_some = {
        "AIRFLOW__API__SECRET_KEY": {"api-server"},
        "AIRFLOW__API_AUTH__JWT_SECRET": {"api-server", "scheduler"},
    }
    for component in COMPONENTS:
        environment = services[component]["environment"]
        assert {name for name in wanted if component in of_some.get(name, COMPONENTS)} <= set(environment)
        assert [name for name, holders in of_some.items() if component not in holders and name in environment] == []
        assert fixed.items() <= environment.items()
        assert environment["AIRFLOW__CORE__AUTH_MANAGER"].endswith("FabAuthManager")


def test_tasks_have_what_the_settings_read(services: dict[str, Any]) -> None:
    sources = (ROOT / "loaders" / "settings.py", *(ROOT / "loaders" / "setting_values").glob("*.py"))
    read = {name for path in sources for name in re.findall(r'"(HUIMIN_[A-Z_]+)"', path.read_text(encoding="utf-8"))}
    image = set(re.findall(r"(HUIMIN_\w+)=", (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")))
    for service in services.values():
        if "build" in service:
            assert {name for name in service["environment"] if name.startswith("HUIMIN_")} <= read
    tasks = {name for name in services["scheduler"]["environment"] if name.startswith("HUIMIN_")} | image
    unneeded = {
        "HUIMIN_EXPECTATIONS",
        "HUIMIN_BATCH_SIZE",
        "HUIMIN_MESSAGE_LANGUAGE",
        "HUIMIN_HTTP_TIMEOUT_SECONDS",
        "HUIMIN_READING_MEMORY_MB",
        "HUIMIN_READING_CPU_SECONDS",
        "HUIMIN_POSTGRES_BIN",
        "HUIMIN_LANDING_CACHE_MB",
        # In a file that is there while the key changes.
        "HUIMIN_PII_KEY_OLD",
    }
    assert {name for name in read if name not in tasks} <= unneeded, "these have defaults that hold everywhere"


def test_connections_that_are_named_belong_to_a_contract(services: dict[str, Any]) -> None:
    reports = load_reports(ROOT / "expectations").values()
    names = {name for report in reports for name in (report.source.connection, getattr(report.format, "password", None)) if name}
    known = {f"AIRFLOW_CONN_{name.upper()}" for name in names}
    named = set(variables_of(ROOT / "docker" / "connections.env.example"))
    assert named and named <= known
    assert "docker/connections.env" in env_files(services["scheduler"])
    # Airflow's own database is no source: `clean_up` needs it.
    given = {name for service in services.values() for name in service["environment"] if name.startswith("AIRFLOW_CONN_")}
    assert given == {"AIRFLOW_CONN_AIRFLOW_METADATA"}


def test_files_of_variables_need_not_exist_and_are_not_for_git() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    for name, service in raw()["services"].items():
        assert all(one["required"] is False for one in service.get("env_file", [])), name
        assert all(file.startswith("docker/") and file.endswith(".env") for file in env_files(service)), name
    assert "docker/*.env" in ignored and "!docker/*.env" not in ignored


def test_every_process_of_ours_has_the_deployment(services: dict[str, Any]) -> None:
    """From a folder of the machine if it is named, else that of the image."""
    named = filled(raw()["services"], dict.fromkeys(example(), "x") | {"HUIMIN_DEPLOYMENT_FOLDER": "/srv/our-county"})
    for name in (FOREVER | ONCE | ASKED_FOR) - {"postgres", "airflow-init"}:
        assert services[name]["environment"]["HUIMIN_DEPLOYMENT"] == "", name
        assert "./docker/deployment:/srv/deployment:ro" in services[name]["volumes"], name
        assert named[name]["environment"]["HUIMIN_DEPLOYMENT"] == "/srv/deployment", name
        assert "/srv/our-county:/srv/deployment:ro" in named[name]["volumes"], name


def test_every_airflow_setting_is_one() -> None:
    import yaml

    found = {name for service in raw()["services"].values() for name in service.get("environment", {})}
    sections: dict[str, Any] = yaml.safe_load(_airflow_options())
    for name in sorted(name for name in found if name.startswith("AIRFLOW__")):
        _, section, option = name.lower().split("__")
        assert option in sections[section]["options"], name


def _airflow_options() -> str:
    from importlib.util import find_spec

    spec = find_spec("airflow")
    assert spec is not None and spec.submodule_search_locations
    return (Path(spec.submodule_search_locations[0]) / "config_templates" / "config.yml").read_text(encoding="utf-8")


def test_every_secret_is_a_variable_that_must_be_set() -> None:
    for name, service in raw()["services"].items():
        for variable, value in service.get("environment", {}).items():
            is_secret = SECRETS.search(variable) or "@" in str(value)
            if is_secret and value is not None:
                kinds = {kind for _, kind in variables(value)}
                assert kinds == {":?"}, f"{name}: {variable}"


def test_the_example_names_every_variable_and_holds_no_secret() -> None:
    used = {name for name, _ in variables(raw()["services"])}
    offered = example()
    assert used == set(offered)
    assert {
        name for name, value in offered.items() if SECRETS.search(name) and not name.startswith("AIRFLOW_CONN") and value
    } == set()


def test_images_are_pinned() -> None:
    defaults = filled(raw()["services"], {n: "x" for n in example() if n not in {"HUIMIN_POSTGRES_IMAGE", "HUIMIN_IMAGE"}})
    for name, service in defaults.items():
        assert re.fullmatch(r"[a-z]+:\d+(\.\d+)+[\w.-]*", service["image"]), name
    dockerfile = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^ARG PYTHON_IMAGE=python:3\.11\.\d+-slim-\w+$", dockerfile, re.MULTILINE)
    assert set(re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)) == {"${PYTHON_IMAGE}", "${POSTGRES_IMAGE}"}
    # Backups are made by the programs of the server's own version.
    (client,) = re.findall(r"^ARG POSTGRES_IMAGE=(\S+)$", dockerfile, re.MULTILINE)
    assert client == defaults["postgres"]["image"]
    assert "--require-hashes" in dockerfile


def test_no_port_is_open_to_the_world_unless_that_is_set(services: dict[str, Any]) -> None:
    assert [name for name, service in services.items() if "ports" in service] == ["postgres", "api-server", "pages"]
    assert services["postgres"]["ports"] == ["127.0.0.1:5433:5432"]
    assert services["api-server"]["ports"] == ["127.0.0.1:8080:8080"]
    assert services["pages"]["ports"] == ["127.0.0.1:8090:8090"]


def test_what_must_last_lies_in_volumes(services: dict[str, Any]) -> None:
    named = set(raw()["volumes"])
    mounted = {volume.partition(":")[0] for service in services.values() for volume in service.get("volumes", [])}
    assert named == {volume for volume in mounted if not volume.startswith((".", "$"))}
    assert "huimin-home:/var/lib/huimin" in services["scheduler"]["volumes"]
    assert all("airflow-logs:/var/log/airflow" in services[component]["volumes"] for component in COMPONENTS)


def copied(dockerfile: str) -> list[str]:
    """The files and folders that the image is built from."""
    return [word for line in re.findall(r"^COPY (?!--from)(.+)$", dockerfile, re.MULTILINE) for word in line.split()[:-1]]


def test_the_image_holds_neither_the_demo_nor_tests_nor_tools() -> None:
    dockerfile = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")
    assert (
        set(copied(dockerfile)) & {"demo", "sample_city", "tests", ".", "requirements-demo.lock", "requirements-dev.lock"}
        == set()
    )
    # setuptools builds the wheel in a stage of its own, of which the image takes the wheel alone.
    stages = dict(re.findall(r"^FROM \S+ AS (\w+)\n(.*?)(?=^FROM )", dockerfile, re.MULTILINE | re.DOTALL))
    assert [name for name, steps in stages.items() if "requirements-build.lock" in steps] == ["wheel"]
    assert re.findall(r"^COPY --from=(\w+) (\S+)", dockerfile, re.MULTILINE) == [
        ("wheel", "/wheels"),
        ("postgres", "/client/bin/"),
        ("postgres", "/client/lib/"),
        ("packages", "/opt/venv"),
    ]
    assert "requirements-airflow.lock" in stages["packages"], "tests/architecture/test_packaging.py looks at what it holds"


def test_files_that_the_image_and_the_services_take_exist() -> None:
    dockerfile = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")
    taken = copied(dockerfile)
    mounted = [v.partition(":")[0] for s in raw()["services"].values() for v in s.get("volumes", []) if v.startswith(".")]
    allowed = (ROOT / "docker" / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert [name for name in (*taken, *mounted) if not (ROOT / name).exists()] == []
    assert [name for name in taken if f"!{name}" not in allowed] == []


def test_compose_itself_reads_the_file(tmp_path: Path) -> None:
    command = next(([name] for name in ("docker-compose",) if shutil.which(name)), None)
    if command is None:
        pytest.skip("docker-compose is not installed; the file was read by this test's own means")
    environment = tmp_path / "env"
    given = {name: value or "x" * 64 for name, value in example().items() if name not in OPTIONAL}
    environment.write_text("".join(f"{name}={value}\n" for name, value in given.items()), encoding="utf-8")
    checked = [*command, "--env-file", str(environment), "--file", str(ROOT / "docker-compose.yml"), "config", "--quiet"]
    done = subprocess.run(checked, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    environment.write_text("", encoding="utf-8")
    done = subprocess.run(checked, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0 and "set it in .env" in done.stderr
