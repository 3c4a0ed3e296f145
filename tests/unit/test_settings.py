from pathlib import Path

import pytest

from loaders.settings import PROJECT_ROOT, Settings, SettingsError, expectations_from_environment, settings_from_environment


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
