import datetime as dt
import hashlib
import hmac
import json
import os
import signal
import smtplib
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import asyncssh
import httpx
import msoffcrypto
import psycopg
import pytest

from demo.embedded_postgres import EmbeddedPostgres
from loaders.contract import load_reports
from sample_city.servers.api_server import BUSY_EVERY, PATH

pytestmark = pytest.mark.integration
ROOT = Path(__file__).resolve().parents[2]
MONTHS = "2021-01:2021-03"


@pytest.fixture(scope="module")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres") / "server")
    server.start()
    yield server.url()
    server.remove()


class City:
    def __init__(self, home: Path, process: subprocess.Popen[str]) -> None:
        self.home = home
        self.process = process
        self.connections: dict[str, str] = json.loads((home / "connections.json").read_text(encoding="utf-8"))


def reaching(postgres_url: str) -> dict[str, str]:
    """The environment of a city that makes its front-end database on this server."""
    return {**os.environ, "SAMPLE_CITY_POSTGRES_URL": postgres_url}


def start(home: Path, postgres_url: str, *options: str) -> City:
    command = [sys.executable, "-m", "sample_city", "serve", "--home", str(home)]
    process = subprocess.Popen(
        [*command, "--months", MONTHS, *options], cwd=ROOT, env=reaching(postgres_url), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert "connections.json" in process.stdout.readline()
    return City(home, process)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Iterator[City]:
    running = start(tmp_path_factory.mktemp("city"), postgres_url)
    yield running
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(10) == 0
    assert not (running.home / "connections.json").exists()


class Client:
    """Signs as the other side of the protocol would, written apart from the server's own code."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.key, self.secret = parts.username or "", parts.password or ""
        self.base = f"http://{parts.hostname}:{parts.port}"

    def get(
        self, *, nonce: str | None = None, secret: str | None = None, at: float | None = None, **query: str
    ) -> httpx.Response:
        nonce = nonce or uuid.uuid4().hex
        stamp = str(int((at or time.time()) * 1000))
        text = f"GET\n{PATH}\n{urlencode(sorted(query.items()))}\n{self.key}\n{stamp}\n{nonce}"
        signature = hmac.new((secret or self.secret).encode(), text.encode(), hashlib.sha256).hexdigest()
        headers = {"X-App-Key": self.key, "X-Timestamp": stamp, "X-Nonce": nonce, "X-Signature": signature}
        return httpx.get(self.base + PATH, params=query, headers=headers, timeout=10, trust_env=False)

    def get_patiently(self, **query: str) -> httpx.Response:
        reply = self.get(**query)
        return self.get(**query) if reply.status_code == 429 else reply


@pytest.fixture
def api(city: City) -> Client:
    return Client(city.connections["civil_affairs_api"])


def test_the_register_comes_page_by_page_ordered_by_key(api: Client) -> None:
    records: list[dict[str, object]] = []
    page = 1
    while True:
        data = api.get_patiently(page=str(page), pageSize="500").json()["data"]
        if not data["records"]:
            break
        records += data["records"]
        page += 1
    assert len(records) == data["total"] > 2_500
    assert [r["uscc"] for r in records] == sorted({str(r["uscc"]) for r in records})


def test_updated_since_gives_only_what_is_newer(api: Client) -> None:
    first = api.get_patiently(page="1", pageSize="1000").json()["data"]["records"]
    cut = sorted(record["updatedAt"] for record in first)[500]
    newer = api.get_patiently(page="1", pageSize="1000", updatedSince=cut).json()["data"]
    assert 0 < newer["total"] < 2_800
    assert all(dt.datetime.fromisoformat(r["updatedAt"]) > dt.datetime.fromisoformat(cut) for r in newer["records"])
    assert api.get_patiently(updatedSince="2024-01-01T00:00:00+08:00").json()["data"]["records"] == []


def test_a_wrong_signature_an_old_stamp_and_a_used_nonce_are_refused(api: Client) -> None:
    assert api.get(secret="another").status_code == 401
    assert api.get(at=time.time() - 700).status_code == 401
    nonce = uuid.uuid4().hex
    assert api.get(nonce=nonce).status_code in {200, 429}
    replay = api.get(nonce=nonce)
    assert (replay.status_code, replay.json()["code"]) == (401, 401)


def test_wrong_parameters_are_refused(api: Client) -> None:
    for query in ({"page": "0"}, {"pageSize": "5000"}, {"updatedSince": "yesterday"}, {"updatedSince": "2021-01-01"}):
        assert api.get_patiently(**query).status_code == 400


def test_one_request_in_a_round_is_asked_to_come_back(api: Client) -> None:
    replies = [api.get(pageSize="1") for _ in range(BUSY_EVERY)]
    busy = [reply for reply in replies if reply.status_code == 429]
    assert [reply.headers["Retry-After"] for reply in busy] == ["1"]


def sftp(city: City, name: str) -> asyncssh.SSHClientConnection:
    parts = urlsplit(city.connections[name])
    return asyncssh.connect(
        parts.hostname or "", parts.port or 0, username=parts.username, password=parts.password, known_hosts=None
    )


def test_documents_are_listed_with_their_times_and_read(city: City) -> None:
    import asyncio

    async def look() -> None:
        async with sftp(city, "social_work_sftp") as connection, connection.start_sftp_client() as client:
            names = {entry.filename: entry.attrs.mtime for entry in await client.readdir("/home_visit/2021-03")}
            path = "441303_入户探访记录_2021-03"
            assert dt.datetime.fromtimestamp(names[f"{path}.csv"], dt.UTC).date() == dt.date(2021, 4, 3)
            assert names[f"{path}_更正1.csv"] > names[f"{path}.csv"]
            async with client.open(f"/home_visit/2021-03/{path}.csv", "rb") as file:
                content = await file.read()
            local = city.home / "sftp" / "social_work" / "home_visit" / "2021-03" / f"{path}.csv"
            assert content == local.read_bytes()
            assert not await client.exists("../../../../../etc/passwd")

    asyncio.run(look())


def test_the_sftp_account_changes_nothing_and_needs_its_password(city: City) -> None:
    import asyncio

    async def try_all() -> None:
        async with sftp(city, "civil_affairs_sftp") as connection, connection.start_sftp_client() as client:
            attempts = (
                client.mkdir("/new"),
                client.rmdir("/town_coverage"),
                client.rename("/town_coverage", "/elsewhere"),
                client.symlink("/etc/passwd", "/link"),
                client.utime("/town_coverage", (1, 1)),
                client.open("/new.txt", "wb"),
                client.open("/new.txt", "ab"),
            )
            for attempt in attempts:
                with pytest.raises(asyncssh.SFTPPermissionDenied):
                    await attempt
        parts = urlsplit(city.connections["civil_affairs_sftp"])
        with pytest.raises(asyncssh.PermissionDenied):
            await asyncssh.connect(
                parts.hostname or "", parts.port or 0, username=parts.username, password="wrong", known_hosts=None
            )

    asyncio.run(try_all())


def test_the_front_end_shows_one_view_and_nothing_else(city: City) -> None:
    with psycopg.connect(city.connections["charity_frontend"], autocommit=True) as connection:
        found = connection.execute(
            "select count(distinct period_month), count(*), min(update_time) from report.v_community_fund"
        ).fetchone()
        assert found is not None and found[0] == 3 and found[1] >= 9
        assert found[2] == dt.datetime(2021, 2, 3, 1, 30, tzinfo=dt.UTC)
        for statement in (
            "select * from ledger.community_fund_month",
            "delete from report.v_community_fund",
            "create table report.mine (a int)",
            "create table public.mine (a int)",
            "create database mine",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_the_announced_passwords_open_the_locked_workbooks(city: City) -> None:
    for report in load_reports(ROOT / "expectations").values():
        name = getattr(report.format, "password", None)
        if name is None:
            continue
        password = urlsplit(city.connections[name]).password
        for path in sorted((city.home / "sftp" / report.system / report.report).rglob("*.xlsx"))[:1]:
            with path.open("rb") as file:
                office = msoffcrypto.OfficeFile(file)
                assert office.is_encrypted()
                office.load_key(password=password, verify_password=True)
    assert {"skills_trainee_password", "medical_aid_password", "student_grant_password"} <= set(city.connections)
    assert list((city.home / "sftp" / "charity" / "medical_aid").rglob("*.xlsx"))


def test_mail_is_kept_as_eml(city: City) -> None:
    parts = urlsplit(city.connections["smtp"])
    with smtplib.SMTP(parts.hostname or "", parts.port or 0, timeout=10) as server:
        server.sendmail(
            "huimin@localhost", ["visits@social-work.huizhou.example"], "Subject: =?utf-8?b?5L2g5aW9?=\r\n\r\n正文\r\n".encode()
        )
    kept = sorted((city.home / "mail").glob("*.eml"))
    assert kept[-1].read_bytes().endswith("正文\r\n".encode())


def test_documents_mails_and_secrets_are_for_their_owner_alone(city: City) -> None:
    files = [path for path in city.home.rglob("*") if path.is_file()]
    assert {"connections.json", "passwords.json", "ssh_host_ed25519_key"} <= {path.name for path in files}
    assert {"sftp", "api", "charity", "mail"} <= {path.relative_to(city.home).parts[0] for path in files}
    assert [path for path in files if path.stat().st_mode & 0o077] == []


def test_no_password_stands_in_a_command_line(city: City, postgres_url: str) -> None:
    line = Path(f"/proc/{city.process.pid}/cmdline").read_text()
    secrets = [urlsplit(url).password for url in (postgres_url, *city.connections.values())]
    assert [secret for secret in secrets if secret and secret in line] == []


def test_it_starts_again_quickly_with_the_same_accounts_and_leaves_with_its_parent(city: City, postgres_url: str) -> None:
    """The parent here is a shell that is killed; the servers must go too."""
    passwords = (city.home / "passwords.json").read_text(encoding="utf-8")
    command = [sys.executable, "-m", "sample_city", "serve", "--home", str(city.home)]
    script = 'echo $$; "$@" & echo $!; wait'
    began = time.monotonic()
    shell = subprocess.Popen(
        ["/bin/sh", "-c", script, "sh", *command, "--months", MONTHS, "--exit-with-parent"],
        cwd=ROOT,
        env=reaching(postgres_url),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert shell.stdout is not None
    shell.stdout.readline()
    child = int(shell.stdout.readline())
    assert "connections.json" in shell.stdout.readline()
    assert time.monotonic() - began < 10
    assert (city.home / "passwords.json").read_text(encoding="utf-8") == passwords
    shell.kill()
    shell.wait()
    for _ in range(100):
        if not is_alive(child):
            return
        time.sleep(0.1)
    os.kill(child, signal.SIGKILL)
    pytest.fail("the servers outlived their parent")


def is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
