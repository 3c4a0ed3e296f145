import json
import os
from pathlib import Path

import pytest

from loaders.setting_values.landing_address import BucketAddress
from loaders.settings import (
    PROJECT_ROOT,
    Settings,
    SettingsError,
    expectations_from_environment,
    landing_connection_from_environment,
    reading_settings,
    settings_from_environment,
    stack_file,
    stack_settings,
)


def settings(url: str) -> Settings:
    return Settings(home=Path("home"), warehouse_url="", pii_key=b"", connections={"list_password": url})


@pytest.mark.parametrize(
    ("url", "password"),
    [("generic://:word@", "word"), ("generic://:a%2Fb%3A%E7%A7%98@", "a/b:秘"), ("sftp://user:word@host:22/", "word")],
)
def test_the_password_of_a_workbook_is_that_of_its_connection(url: str, password: str) -> None:
    assert settings(url).password("list_password") == password


@pytest.mark.parametrize("url", ["word", "generic://word", "generic://:@", "generic://[:word@", ""])
def test_a_connection_without_a_password_says_how_to_set_one(url: str) -> None:
    with pytest.raises(SettingsError, match="AIRFLOW_CONN_LIST_PASSWORD") as refused:
        settings(url).password("list_password")
    assert "word@" not in str(refused.value)


def test_a_connection_that_is_not_set_says_which() -> None:
    with pytest.raises(SettingsError, match='"other_password" is not set'):
        settings("generic://:word@").password("other_password")


def test_contracts_may_stand_in_another_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HUIMIN_WAREHOUSE_URL", "postgresql://localhost/x")
    monkeypatch.setenv("HUIMIN_PII_KEY", "k" * 32)
    monkeypatch.delenv("HUIMIN_EXPECTATIONS", raising=False)
    assert settings_from_environment().expectations == expectations_from_environment() == PROJECT_ROOT / "expectations"
    assert settings_from_environment(defaults={"HUIMIN_EXPECTATIONS": str(tmp_path)}).expectations == tmp_path
    monkeypatch.setenv("HUIMIN_EXPECTATIONS", str(tmp_path / "mine"))
    assert settings_from_environment().expectations == expectations_from_environment() == tmp_path / "mine"


STACK = {
    "HUIMIN_WAREHOUSE_URL": "postgresql://huimin_loader:a@127.0.0.1:5544/warehouse",
    "HUIMIN_TRANSFORMER_URL": "postgresql://huimin_transformer:b@127.0.0.1:5544/warehouse",
    "HUIMIN_PII_KEY": "of-the-stack-" * 4,
    "HUIMIN_SMTP_URL": "smtp://127.0.0.1:2525",
    "HUIMIN_OPERATORS_MAIL": "data-engineers@huizhou.example",
    "HUIMIN_EXPECTATIONS": "/stack/expectations",
    "AIRFLOW_CONN_CHARITY_API": "http://127.0.0.1:8001",
}


@pytest.fixture
def running_stack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """A home in which a running stack left its variables, and an environment that sets nothing."""
    for name in [name for name in os.environ if name.startswith(("HUIMIN_", "AIRFLOW"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HUIMIN_HOME", str(tmp_path))
    stack_file(tmp_path).write_text(json.dumps(STACK), encoding="utf-8")
    return monkeypatch


@pytest.mark.parametrize(
    "exported",
    [
        {},
        {"HUIMIN_WAREHOUSE_URL": STACK["HUIMIN_WAREHOUSE_URL"]},
        {"HUIMIN_WAREHOUSE_URL": "postgres://bi_reader:c@localhost:5544/warehouse"},
        {"HUIMIN_WAREHOUSE_URL": ""} | {"AIRFLOW_CONN_WAREHOUSE": "postgresql://x@127.0.0.1:5544/warehouse"},
    ],
    ids=["none", "the same", "another user and name of the host", "as a connection"],
)
def test_the_stacks_own_warehouse_keeps_the_stacks_defaults(running_stack: pytest.MonkeyPatch, exported: dict[str, str]) -> None:
    for name, url in exported.items():
        running_stack.setenv(name, url)
    settings = stack_settings()
    assert settings.connection("charity_api") == STACK["AIRFLOW_CONN_CHARITY_API"]
    assert (settings.transformer_url, settings.smtp_url) == (STACK["HUIMIN_TRANSFORMER_URL"], STACK["HUIMIN_SMTP_URL"])


OWN = [
    "postgresql://u@db.example.gov.cn/warehouse",
    "postgresql://huimin_loader:a@127.0.0.1:5545/warehouse",
    "postgresql://huimin_loader:a@127.0.0.1:5544/mine",
]


@pytest.mark.parametrize("variable", ["HUIMIN_WAREHOUSE_URL", "AIRFLOW_CONN_WAREHOUSE"])
@pytest.mark.parametrize("own", OWN)
def test_a_warehouse_of_ones_own_drops_every_default_of_a_running_stack(
    running_stack: pytest.MonkeyPatch, variable: str, own: str
) -> None:
    running_stack.setenv(variable, own)
    settings = reading_settings()
    assert (settings.warehouse_url, settings.transformer_url) == (own, own)
    assert (settings.smtp_url, settings.operators_mail, settings.pii_key) == (None, None, b"")
    assert "charity_api" not in settings.connections
    assert settings.expectations == PROJECT_ROOT / "expectations"


@pytest.mark.parametrize("key", ["", "short"])
def test_what_hashes_needs_a_key_and_what_reads_does_not(running_stack: pytest.MonkeyPatch, key: str) -> None:
    running_stack.setenv("HUIMIN_WAREHOUSE_URL", OWN[0])
    running_stack.setenv("HUIMIN_PII_KEY", key)
    settings = reading_settings()
    for use in (lambda: settings.hashing_key, stack_settings, settings_from_environment):
        with pytest.raises(SettingsError, match="set HUIMIN_PII_KEY to a secret of at least 32 characters"):
            use()
    running_stack.setenv("HUIMIN_PII_KEY", "k" * 32)
    assert stack_settings().hashing_key == b"k" * 32


def test_a_landing_in_a_bucket_has_its_keys_from_a_connection_and_its_copies_in_the_home(monkeypatch: pytest.MonkeyPatch) -> None:
    own = {
        "HUIMIN_WAREHOUSE_URL": "postgresql://x",
        "HUIMIN_HOME": "/home/of/state",
        "HUIMIN_LANDING": "s3://bucket/city/",
        "HUIMIN_LANDING_CACHE_MB": "10",
        "AIRFLOW_CONN_HUIMIN_LANDING": "s3://key:secret@bucket",
    }
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    found = settings_from_environment(needs_pii_key=False)
    assert found.landing == BucketAddress(
        "bucket", "city", Path("/home/of/state/landing-cache"), "s3://key:secret@bucket", 10 * 1024**2
    )
    assert "secret" not in repr(found) and landing_connection_from_environment() == "huimin_landing"
    monkeypatch.setenv("HUIMIN_LANDING", "/srv/landing")
    assert settings_from_environment(needs_pii_key=False).landing == Path("/srv/landing")
    assert landing_connection_from_environment() is None
    monkeypatch.delenv("HUIMIN_LANDING")
    assert settings_from_environment(needs_pii_key=False).landing == Path("/home/of/state/landing")
    monkeypatch.setenv("HUIMIN_LANDING", "s3://key:secret@bucket/city")
    with pytest.raises(SettingsError, match=r"HUIMIN_LANDING: .*AIRFLOW_CONN_HUIMIN_LANDING") as refused:
        settings_from_environment(needs_pii_key=False)
    assert "secret@" not in str(refused.value)
