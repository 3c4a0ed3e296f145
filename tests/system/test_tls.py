"""PostgreSQL and a mail server with certificates of an own authority: the right one passes, another is refused and named.

SFTP's host keys are tested in tests/integration/test_sources_sftp.py, HTTP's authorities in tests/integration/http_auth.
"""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

from demo.embedded_postgres import EmbeddedPostgres
from demo.ports import free_port
from demo.unprivileged_user import unprivileged_user
from loaders.dbt.runner import dbt_environment
from loaders.feedback.channels.errors import ChannelDown
from loaders.feedback.channels.smtp import SmtpChannel
from loaders.outgoing_messages import Message
from loaders.settings import PROJECT_ROOT, Settings
from loaders.warehouse import ensure_roles, migrate
from tests.integration.conftest import PASSWORDS
from tests.support.debian_packages import POSTGRES_15

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The certificates of the right authority and of another one; beside them, those of the servers."""
    folder, made = tmp_path_factory.mktemp("authorities"), {}
    right, other = trustme.CA(), trustme.CA()
    for name, authority in (("right", right), ("other", other)):
        made[name] = folder / f"{name}.pem"
        authority.cert_pem.write_to_path(made[name])
    certificate = right.issue_cert("127.0.0.1", "localhost")
    made["chain"], made["key"] = folder / "server.pem", folder / "server.key"
    certificate.cert_chain_pems[0].write_to_path(made["chain"])
    certificate.private_key_pem.write_to_path(made["key"])
    return made


@pytest.fixture(scope="module")
def server(authorities: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """PostgreSQL that lets nobody in without TLS."""
    binaries = POSTGRES_15.command()
    assert binaries is not None, "apt-get install postgresql-15"
    made = EmbeddedPostgres(tmp_path_factory.mktemp("postgres") / "server", binaries=binaries)
    made.start()
    try:
        with psycopg.connect(made.url(), autocommit=True) as connection:
            row = connection.execute("select current_setting('data_directory')").fetchone()
            assert row is not None
            for name, setting in (("chain", "ssl_cert_file"), ("key", "ssl_key_file")):
                target = Path(row[0]) / f"server.{name}"
                shutil.copy(authorities[name], target)
                target.chmod(0o600)
                if user := unprivileged_user():
                    shutil.chown(target, user.pw_uid, user.pw_gid)
                connection.execute(f"alter system set {setting} = '{target.name}'")
            connection.execute("alter system set ssl = on")
            rules = Path(row[0]) / "pg_hba.conf"
            rules.write_text("hostssl all all 127.0.0.1/32 scram-sha-256\n", encoding="utf-8")
            connection.execute("select pg_reload_conf()")
        yield made
    finally:
        made.remove()


def checked(url: str, authority: Path) -> str:
    return f"{url}?sslmode=verify-full&sslrootcert={authority}"


def test_the_warehouse_is_migrated_loaded_and_refused_by_its_authority(
    server: EmbeddedPostgres, authorities: dict[str, Path]
) -> None:
    server_url = checked(server.url("postgres"), authorities["right"])
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("create database warehouse")
        query = "select ssl from pg_stat_ssl where pid = pg_backend_pid()"
        assert connection.execute(query).fetchone() == (True,)
    url = checked(server.url("warehouse"), authorities["right"])
    ensure_roles(url, PASSWORDS)
    # Through SQLAlchemy, too.
    assert migrate(url) == ()
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        migrate(checked(server.url("warehouse"), authorities["other"]))
    with pytest.raises(psycopg.OperationalError, match="no encryption"):
        migrate(server.url("warehouse") + "?sslmode=disable")


@pytest.mark.parametrize("name", ["right", "other"])
def test_dbt_and_the_dumps_check_the_server_as_the_loader_does(
    server: EmbeddedPostgres, authorities: dict[str, Path], tmp_path: Path, name: str
) -> None:
    is_right = name == "right"
    url = checked(server.url("postgres"), authorities[name])
    folders = ["--project-dir", PROJECT_ROOT / "dbt_project", "--profiles-dir", PROJECT_ROOT / "dbt_project"]
    command = [sys.executable, "-m", "dbt.cli.main", "debug", "--connection", *folders, "--log-path", tmp_path]
    environment = os.environ | dbt_environment(url, PROJECT_ROOT / "dbt_project")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode == 0) is is_right, done.stdout
    assert is_right or "certificate verify failed" in done.stdout
    backup = [sys.executable, "-c", "from loaders.cli import main; main()", "backup", str(tmp_path / "backups")]
    own = {"HUIMIN_WAREHOUSE_URL": checked(server.url("warehouse"), authorities[name]), "HUIMIN_PII_KEY": "k" * 48}
    own |= {"HUIMIN_HOME": str(tmp_path / "home"), "HUIMIN_POSTGRES_BIN": str(POSTGRES_15.command())}
    done = subprocess.run(backup, env=os.environ | own, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode == 0) is is_right, done.stderr
    assert is_right or "certificate verify failed" in done.stderr


@pytest.fixture(scope="module")
def mail_server(authorities: dict[str, Path]) -> Iterator[tuple[int, int]]:
    """The ports of a mail server with STARTTLS, and of one that speaks TLS at once."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(authorities["chain"], authorities["key"])
    ports = free_port(), free_port()
    servers = [
        Controller(Sink(), hostname="127.0.0.1", port=ports[0], tls_context=context, require_starttls=True),
        Controller(Sink(), hostname="127.0.0.1", port=ports[1], ssl_context=context),
    ]
    for one in servers:
        one.start()
    yield ports
    for one in servers:
        one.stop()


MESSAGE = Message(recipient="a@example.org", subject="更正", body_text="…")


@pytest.mark.parametrize("place", [0, 1])
def test_a_mail_server_is_trusted_by_its_authority_alone(
    mail_server: tuple[int, int], authorities: dict[str, Path], place: int
) -> None:
    base = f"smtp://127.0.0.1:{mail_server[0]}/?starttls=yes&" if place == 0 else f"smtps://127.0.0.1:{mail_server[1]}/?"
    SmtpChannel(f"{base}ca={authorities['right']}", "huimin@example.org").send(MESSAGE)
    for wrong in (f"ca={authorities['other']}", ""):
        with pytest.raises(ChannelDown, match=r"not trusted .*\?ca=PATH"):
            SmtpChannel(base + wrong, "huimin@example.org").send(MESSAGE)
    with pytest.raises(ChannelDown, match=r"expected the certificate of an authority .*missing\.pem"):
        SmtpChannel(f"{base}ca=/missing.pem", "huimin@example.org").send(MESSAGE)


def test_tls_stands_in_the_settings_and_nowhere_else() -> None:
    settings = Settings(home=Path("home"), warehouse_url="postgresql://u:secret@h/w?sslmode=verify-full&sslrootcert=/ca.pem")
    assert "secret" not in repr(settings)
    variables = dbt_environment(settings.warehouse_url, PROJECT_ROOT / "dbt_project")
    assert (variables["PGSSLMODE"], variables["PGSSLROOTCERT"]) == ("verify-full", "/ca.pem")
