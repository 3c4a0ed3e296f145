"""The compose file's own commands and settings, run as plain processes: what can be known of it without an engine."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
import yaml

from demo.embedded_postgres import EmbeddedPostgres
from tests.support.compose_file import ROOT, env_files
from tests.support.compose_machine import (
    START_SECONDS,
    Machine,
    made_up_secrets,
    process_texts,
    secrets_in,
    secrets_of_the_page,
)
from tests.support.servers.smtp import SmtpServer, smtp_server

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")
FOREVER = (*COMPONENTS, "pages", "outbox", "watch")
ONCE = ("airflow-init", "warehouse-init", "backup")
PAGE = ROOT / "docs" / "operations" / "rights.md"
FILES = {
    "docker/connections.env": {"AIRFLOW_CONN_SOCIAL_WORK_SFTP": "sftp://u:secret-of-a-source-0123456789@127.0.0.1:9/"},
    "docker/channels.env": {"AIRFLOW_CONN_STATION_BOT": "https://127.0.0.1:9/robot?key=secret-of-a-bot-0123456789"},
    "docker/pages.env": {"AIRFLOW_CONN_LOGIN": "generic://:secret-of-a-provider-0123456789@"},
    "docker/backup.env": {"AIRFLOW_CONN_BACKUP": "s3://KEY:secret-of-a-bucket-0123456789@bucket"},
    "docker/watch.env": {"AIRFLOW_CONN_AIRFLOW_API": "http://watch:secret-of-an-account-0123456789@127.0.0.1:9"},
    "docker/lineage.env": {"OPENLINEAGE_API_KEY": "secret-of-a-catalog-0123456789"},
    "docker/old_key.env": {"HUIMIN_PII_KEY_OLD": "secret-of-an-old-key-0123456789-0123456789"},
}


@pytest.fixture(scope="module")
def mail() -> Iterator[SmtpServer]:
    with smtp_server() as server:
        yield server


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A deployment in a folder of the machine, which is mounted."""
    folder = tmp_path_factory.mktemp("deployment")
    shutil.copy2(ROOT / "deployment.yml", folder)
    for name in ("expectations", "dbt_project"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("target", "logs"))
    return folder


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory, mail: SmtpServer, deployment: Path) -> Iterator[Machine]:
    if shutil.which("psql") is None:
        pytest.skip("the PostgreSQL image's first start is a script for psql, which is not installed")
    home = tmp_path_factory.mktemp("compose")
    postgres = EmbeddedPostgres(home / "postgres")
    postgres.start()
    made = Machine(home, postgres, deployment, made_up_secrets() | {"HUIMIN_SMTP_URL": mail.url}, FILES)
    try:
        connection = {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(postgres.port),
            "PGPASSWORD": made.superuser_password,
        }
        environment = made.environment("postgres") | connection
        subprocess.run([ROOT / "docker" / "postgres-init.sh"], env=environment, check=True, timeout=60, capture_output=True)
        yield made
    finally:
        made.stop()
        postgres.remove()


def test_the_production_shape_comes_up_and_lets_only_people_with_a_password_in(machine: Machine) -> None:
    assert "up to date" in machine.run("warehouse-init")
    machine.run("airflow-init")
    machine.start("api-server")
    machine.wait_until_healthy("api-server")
    for service in FOREVER[1:]:
        assert not machine.is_healthy(service), "what was never started is not healthy"
        machine.start(service)
    for service in FOREVER[1:]:
        machine.wait_until_healthy(service)
    with client_of(machine) as client:
        assert client.get("/api/v2/dags").status_code == 401
        wrong = client.post("/auth/token", json={"username": "admin", "password": "wrong"})
        assert wrong.status_code == 401
        wait_for_dags(client, machine, {"build_indicators", "load_home_visit", "load_community_fund"})


def client_of(machine: Machine) -> httpx.Client:
    return httpx.Client(base_url=f"http://127.0.0.1:{machine.port}", trust_env=False, timeout=60)


def wait_for_dags(client: httpx.Client, machine: Machine, expected: set[str]) -> None:
    """Poll until all of them are parsed: one comes after another."""
    right = client.post("/auth/token", json={"username": "admin", "password": machine.given["AIRFLOW_ADMIN_PASSWORD"]})
    token = right.raise_for_status().json()["access_token"]
    found: set[str] = set()
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        reply = client.get("/api/v2/dags", params={"limit": 100}, headers={"Authorization": f"Bearer {token}"})
        found = {dag["dag_id"] for dag in reply.raise_for_status().json()["dags"]}
        if found >= expected:
            return
        time.sleep(1)
    pytest.fail(f"the dag-processor did not find {sorted(expected - found)}")


def secrets_of(machine: Machine) -> dict[str, str]:
    """Every secret of the stack by the name that the page has; the superuser's is that of this server."""
    named = {name for listed in secrets_of_the_page(PAGE).values() for name in listed}
    values = {name: machine.given[name] for name in named if not name.endswith(".env")}
    of_files = {file: next(iter(variables.values())) for file, variables in FILES.items()}
    return values | {"POSTGRES_PASSWORD": machine.superuser_password} | of_files


def test_the_page_lists_every_secret_of_the_example(machine: Machine) -> None:
    listed = {name for names in secrets_of_the_page(PAGE).values() for name in names}
    wanted = {name for name in machine.given if name.endswith(("_PASSWORD", "_KEY", "_SECRET"))} | {"HUIMIN_SMTP_URL"}
    files = {file for service in machine.services.values() for file in env_files(service)}
    assert listed == wanted | files and files == set(FILES)
    assert set(secrets_of_the_page(PAGE)) == set(machine.services)


def test_each_process_has_the_secrets_that_the_page_lists_and_no_other(machine: Machine) -> None:
    page, secrets = secrets_of_the_page(PAGE), secrets_of(machine)
    for service in FOREVER:
        process = machine.running[service].pid
        # As it was given; some programs write their title over what /proc shows of it.
        given = secrets_in(iter([repr(machine.environment(service)).encode()]), secrets)
        found = secrets_in(process_texts(process, "environ"), secrets)
        assert given == page[service], service
        assert found <= page[service], service
        assert secrets_in(process_texts(process, "cmdline"), secrets) == set(), service
    # That the search finds what is there.
    assert secrets_in(process_texts(machine.running["outbox"].pid, "environ"), secrets) == page["outbox"]
    for service in ONCE:
        assert secrets_in(iter([repr(machine.environment(service)).encode()]), secrets) == page[service], service
    own = secrets | {"POSTGRES_PASSWORD": machine.given["POSTGRES_PASSWORD"]}
    assert secrets_in(iter([repr(machine.services["postgres"]["environment"]).encode()]), own) == page["postgres"]


QUEUE = """
import sys, types
sys.path.insert(0, "dags")
from task_settings import notify_operators
instance = types.SimpleNamespace(dag_id="load_home_visit", task_id="load_batch", run_id="killed")
notify_operators({"task_instance": instance, "exception": None})
"""


def test_what_the_dag_processor_tells_of_a_killed_task_is_sent_by_the_outbox(machine: Machine, mail: SmtpServer) -> None:
    """It has neither a mail server nor a key: a row is all that it writes."""
    machine.run("dag-processor", ["python", "-c", QUEUE])
    deadline = time.monotonic() + START_SECONDS
    # `watch` tells that its account of Airflow does not work here.
    while not (told := [one for one in mail.subjects() if "load_home_visit" in one]) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert told == ["[huimin] load_home_visit.load_batch failed"]


def test_a_contract_is_added_to_the_mounted_folder_and_nothing_is_built_or_restarted(machine: Machine, deployment: Path) -> None:
    folder = deployment / "expectations" / "social_work"
    contract = yaml.safe_load((folder / "home_visit.yml").read_text(encoding="utf-8"))
    contract |= {"name": "house_call", "code": "SW94", "cross_rules": []}
    contract["source"] |= {"folder": "house_call"}
    (folder / "house_call.yml").write_text(yaml.safe_dump(contract, allow_unicode=True), encoding="utf-8")
    with client_of(machine) as client:
        wait_for_dags(client, machine, {"load_house_call"})


def test_preparing_again_changes_nothing(machine: Machine) -> None:
    machine.run("warehouse-init")
    assert "already exist" in machine.run("airflow-init")


def test_a_backup_is_made_by_its_own_service(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> None:
    machine.run("backup")
    listed = machine.run("backup", ["huimin", "restore", machine.here("/backups"), "--list"])
    assert len(list(Path(machine.here("/backups")).glob("backups/*/manifest.json"))) == 1, listed


def test_roles_reach_what_is_theirs(machine: Machine) -> None:
    task = machine.environment("scheduler")
    reader = machine.url_of("bi_reader", "warehouse", machine.given["HUIMIN_READER_PASSWORD"])
    with psycopg.connect(task["HUIMIN_WAREHOUSE_URL"], autocommit=True) as loader:
        assert loader.execute("select count(*) from ops.submission").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            loader.execute("create table bi.mine (a int)")
    with psycopg.connect(task["HUIMIN_TRANSFORMER_URL"], autocommit=True) as transformer:
        transformer.execute("create table bi.theirs (a int)")
        transformer.execute("drop table bi.theirs")
    with psycopg.connect(reader, autocommit=True) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("select * from ops.submission")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(machine.url_of("bi_reader", "airflow", machine.given["HUIMIN_READER_PASSWORD"]))


def test_a_password_is_changed(machine: Machine) -> None:
    """As docs/operations/rights.md says: in .env, in the server, and the services whose environment changed start anew."""
    alive = Path(machine.here("/var/lib/huimin/outbox.alive"))
    machine.given["HUIMIN_LOADER_PASSWORD"] = "another-password-0123456789-0123456789"
    machine.stop("outbox")
    assert machine.running["outbox"].returncode == 0, "it ends when it is asked to, after what is under way"
    alive.unlink()
    machine.start("outbox")
    log = alive.parent.parent / "outbox.log"
    deadline = time.monotonic() + 60
    while b"cannot be reached" not in log.read_bytes() and time.monotonic() < deadline:
        time.sleep(0.5)
    assert not machine.is_healthy("outbox"), "the server does not know the new password yet"
    with psycopg.connect(machine.url_of("postgres", "warehouse")) as admin:
        admin.execute("alter role huimin_loader password 'another-password-0123456789-0123456789'")
    machine.stop("outbox")
    machine.start("outbox")
    machine.wait_until_healthy("outbox")
