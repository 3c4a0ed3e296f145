"""The only reader of the environment. A `Settings` value is made once, at the edge, and handed down."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

PROJECT_ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds this package: the checkout, or `site-packages` where the wheel is installed."""


class SettingsError(ValueError):
    """A setting is missing or cannot be used; the message names the variable to set."""


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """What one document may cost before its reading is ended."""

    memory_mb: int = 512
    cpu_seconds: int = 30


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are and how much they may take.

    `warehouse_url` is the loader's, `transformer_url` dbt's. `connections` maps a connection's name to its URL, as Airflow
    writes them (`sftp://user:password@host:port/folder`). `operators_mail` is where the data engineers hear of failed tasks.
    `release_rules` says what must hold before values are published; the file need not exist.
    """

    home: Path
    warehouse_url: str = field(repr=False)
    pii_key: bytes = field(repr=False)
    connections: Mapping[str, str] = field(default_factory=dict, repr=False)
    transformer_url: str = field(default="", repr=False)
    smtp_url: str | None = None
    mail_from: str = "huimin@localhost"
    operators_mail: str | None = None
    batch_size: int = 128
    http_timeout_seconds: float = 30.0
    reading: ReadingLimits = field(default_factory=ReadingLimits)
    expectations: Path = field(default_factory=lambda: project_from_environment() / "expectations")
    dbt_project: Path = field(default_factory=lambda: project_from_environment() / "dbt_project")

    release_rules: Path = field(default_factory=lambda: project_from_environment() / "release_rules.yml")

    @property
    def landing(self) -> Path:
        """The folder of landed files."""
        return self.home / "landing"

    @property
    def divisions(self) -> Path:
        """The list of provinces, cities, counties, towns and villages (the same file that dbt seeds).

        Raises:
            SettingsError: the project has none.
        """
        return _divisions_of(self.dbt_project)

    def connection(self, name: str) -> str:
        """The URL of a connection.

        Raises:
            SettingsError: no such connection is set.
        """
        try:
            return self.connections[name]
        except KeyError:
            raise SettingsError(
                f'connection "{name}" is not set: set AIRFLOW_CONN_{name.upper()} to its URL, '
                f'or add the connection "{name}" in Airflow'
            ) from None

    def password(self, name: str) -> str:
        """The password of a connection that holds nothing else, as that of a workbook does.

        Raises:
            SettingsError: no such connection is set, or it has no password.
        """
        password = _password_of(self.connection(name))
        if not password:
            raise SettingsError(
                f'connection "{name}" holds no password: set AIRFLOW_CONN_{name.upper()} to generic://:PASSWORD@ '
                f'with special characters percent-encoded, or give the connection "{name}" in Airflow a password'
            )
        return password


def _password_of(url: str) -> str | None:
    try:
        password = urlsplit(url).password
    except ValueError:
        return None
    return None if password is None else unquote(password)


def project_from_environment() -> Path:
    """Returns the folder that holds `expectations/` and `dbt_project/`.

    `HUIMIN_PROJECT`, else the checkout that this package runs from, else the current folder.
    """
    named = os.environ.get("HUIMIN_PROJECT")
    is_checkout = (PROJECT_ROOT / "expectations").is_dir()
    return Path(named or (PROJECT_ROOT if is_checkout else Path.cwd())).absolute()


def home_from_environment() -> Path:
    """The folder that holds all state (`HUIMIN_HOME`, else `.huimin` in the project)."""
    return Path(os.environ.get("HUIMIN_HOME") or project_from_environment() / ".huimin").absolute()


def expectations_from_environment() -> Path:
    """The folder of contracts (`HUIMIN_EXPECTATIONS`, else `expectations` in the project), for what needs no other setting."""
    return Path(os.environ.get("HUIMIN_EXPECTATIONS") or project_from_environment() / "expectations").absolute()


def revision_from_environment() -> str | None:
    """Returns the revision of the program as its image or installation states it (`HUIMIN_GIT_REVISION`)."""
    return os.environ.get("HUIMIN_GIT_REVISION") or None


def divisions_from_environment() -> Path:
    """Returns the project's list of divisions, for what needs no other setting.

    Raises:
        SettingsError: the project has none.
    """
    return _divisions_of(project_from_environment() / "dbt_project")


def _divisions_of(dbt_project: Path) -> Path:
    path = dbt_project / "seeds" / "divisions.csv"
    if not path.exists():
        raise SettingsError(
            f"there is no list of divisions at {path}: set HUIMIN_PROJECT to the folder that holds expectations/ and dbt_project/"
        )
    return path


def stack_file(home: Path) -> Path:
    """Returns the file in which services that run on this machine for `home` leave their variables."""
    return home / "stack.json"


def stack_environment(home: Path) -> dict[str, str]:
    """Reads the variables of services that run on this machine for `home`; empty when none do."""
    path = stack_file(home)
    if not path.exists():
        return {}
    variables: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return variables


def stack_settings() -> Settings:
    """Reads the settings from the environment, with the variables of running services as defaults."""
    return settings_from_environment(defaults=stack_environment(home_from_environment()))


def connection_from_environment(name: str) -> str | None:
    """The URL of a connection for what needs no other setting; None when the environment does not set it."""
    return os.environ.get(f"AIRFLOW_CONN_{name.upper()}")


def settings_from_environment(
    extra_connections: Mapping[str, str] | None = None, *, defaults: Mapping[str, str] | None = None
) -> Settings:
    """Read the settings from environment variables.

    `extra_connections` are those that a scheduler keeps elsewhere, `defaults` variables of a stack that is running on this
    machine; the environment wins over both.

    Raises:
        SettingsError: the warehouse or the key for personal numbers is not set, or a number is no number.
    """
    environment = {**(defaults or {}), **os.environ}
    prefix = "AIRFLOW_CONN_"
    connections = dict(extra_connections or {})
    connections |= {name.removeprefix(prefix).lower(): url for name, url in environment.items() if name.startswith(prefix)}
    warehouse = environment.get("HUIMIN_WAREHOUSE_URL") or connections.get("warehouse")
    if not warehouse:
        raise SettingsError("the warehouse is not set: set HUIMIN_WAREHOUSE_URL to a postgresql:// URL, or run `make up` first")
    key = environment.get("HUIMIN_PII_KEY", "")
    if len(key) < 32:
        raise SettingsError("HUIMIN_PII_KEY must be set to a secret of at least 32 characters; keep it as long as the warehouse")
    return Settings(
        home=home_from_environment(),
        warehouse_url=warehouse,
        pii_key=key.encode(),
        connections=connections,
        transformer_url=environment.get("HUIMIN_TRANSFORMER_URL") or warehouse,
        smtp_url=environment.get("HUIMIN_SMTP_URL"),
        mail_from=environment.get("HUIMIN_MAIL_FROM", "huimin@localhost"),
        operators_mail=environment.get("HUIMIN_OPERATORS_MAIL"),
        batch_size=_whole_number(environment, "HUIMIN_BATCH_SIZE", 128),
        http_timeout_seconds=_whole_number(environment, "HUIMIN_HTTP_TIMEOUT_SECONDS", 30),
        expectations=Path(environment.get("HUIMIN_EXPECTATIONS") or expectations_from_environment()).absolute(),
        reading=ReadingLimits(
            memory_mb=_whole_number(environment, "HUIMIN_READING_MEMORY_MB", 512),
            cpu_seconds=_whole_number(environment, "HUIMIN_READING_CPU_SECONDS", 30),
        ),
    )


def _whole_number(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name, "")
    if not text:
        return default
    if not text.isdigit() or int(text) < 1:
        raise SettingsError(f'{name} must be a whole number above 0, found "{text}"')
    return int(text)
