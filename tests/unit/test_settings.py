from pathlib import Path

import pytest

from loaders.settings import Settings, SettingsError


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
