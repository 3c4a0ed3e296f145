"""The only reader of the environment. A `Settings` value is made once, at the edge, and handed down."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from loaders.connection_urls import is_same_database, password_of
from loaders.setting_values.landing_address import LandingAddress
from loaders.setting_values.variables import SettingsError, landing_address, landing_connection, message_language, whole_number

__all__ = ["ReadingLimits", "Settings", "SettingsError"]

PROJECT_ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds this package: the checkout, or `site-packages` where the wheel is installed."""

DEPLOYMENT_FILE = "deployment.yml"
"""What tells whose contracts and models lie beside it."""


_SHORTEST_KEY = 32
_WAREHOUSE_VARIABLES = ("HUIMIN_WAREHOUSE_URL", "AIRFLOW_CONN_WAREHOUSE")


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
    `pii_key` may be missing where nothing is hashed; who hashes takes `hashing_key`; `old_pii_key` is the one before it.
    `dbt_project` holds the deployment's models and seeds, `product_dbt_project` what every deployment shares.
    `release_rules` says what must hold before values are published, `people` who is told what and where; neither file need exist.
    `landing_address` is where landed files are, if not below `home`.
    `message_language` (zh or en) is that of messages to owners; `postgres_binaries` the folder of `pg_dump`, if not on the PATH.
    """

    home: Path
    warehouse_url: str = field(repr=False)
    pii_key: bytes = field(default=b"", repr=False)
    old_pii_key: bytes = field(default=b"", repr=False)
    connections: Mapping[str, str] = field(default_factory=dict, repr=False)
    transformer_url: str = field(default="", repr=False)
    smtp_url: str | None = None
    mail_from: str = "huimin@localhost"
    operators_mail: str | None = None
    batch_size: int = 128
    http_timeout_seconds: float = 30.0
    reading: ReadingLimits = field(default_factory=ReadingLimits)
    expectations: Path = field(default_factory=lambda: deployment_from_environment() / "expectations")
    dbt_project: Path = field(default_factory=lambda: deployment_from_environment() / "dbt_project")
    product_dbt_project: Path = field(default_factory=lambda: project_from_environment() / "dbt_project")

    @property
    def hashing_key(self) -> bytes:
        """The key of the hashes that stand for personal numbers.

        Raises:
            SettingsError: it is not set, or too short.
        """
        if len(self.pii_key) < _SHORTEST_KEY:
            raise SettingsError(
                f"personal numbers cannot be hashed: set HUIMIN_PII_KEY to a secret of at least {_SHORTEST_KEY} characters, and "
                "keep it as long as the warehouse, because another key gives the same person another hash"
            )
        return self.pii_key

    release_rules: Path = field(default_factory=lambda: deployment_from_environment() / "release_rules" / "rules.yml")
    people: Path = field(default_factory=lambda: deployment_from_environment() / "people" / "people.yml")
    message_language: str = "zh"
    postgres_binaries: Path | None = None
    landing_address: LandingAddress | None = None

    @property
    def landing(self) -> LandingAddress:
        """Where landed files are: a folder, or a prefix of a bucket."""
        return self.landing_address or self.home / "landing"

    @property
    def divisions(self) -> Path:
        """The list of provinces, cities, counties, towns and villages (the same file that dbt seeds).

        Raises:
            SettingsError: the deployment has none.
        """
        return _divisions_of(self.dbt_project)

    @property
    def unit_spells(self) -> Path:
        """The spells of reporting units, beside the list of divisions; the file may be absent."""
        return self.dbt_project / "seeds" / "unit_spells.csv"

    @property
    def holiday_arrangements(self) -> Path:
        """The days on which work does not follow the week, which every deployment shares; the file may be absent."""
        return self.product_dbt_project / "engine" / "seeds" / "holiday_arrangements.csv"

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
        password = password_of(self.connection(name))
        if not password:
            raise SettingsError(
                f'connection "{name}" holds no password: set AIRFLOW_CONN_{name.upper()} to generic://:PASSWORD@ '
                f'with special characters percent-encoded, or give the connection "{name}" in Airflow a password'
            )
        return password


def project_from_environment() -> Path:
    """Returns the product's folder: it holds what all deployments share, and its own deployment.

    `HUIMIN_PROJECT`, else the checkout that this package runs from, else the current folder.
    """
    checkout = PROJECT_ROOT if (PROJECT_ROOT / "expectations").is_dir() else Path.cwd()
    return Path(os.environ.get("HUIMIN_PROJECT") or checkout).absolute()


def deployment_from_environment() -> Path:
    """Returns the folder of the deployment: `HUIMIN_DEPLOYMENT`, else the project, whose own contracts and models are one."""
    return Path(os.environ.get("HUIMIN_DEPLOYMENT") or project_from_environment()).absolute()


def use_deployment(folder: Path) -> None:
    """Sets `HUIMIN_DEPLOYMENT` for this process and those that it starts."""
    os.environ["HUIMIN_DEPLOYMENT"] = str(folder.absolute())


def home_from_environment() -> Path:
    """The folder that holds all state (`HUIMIN_HOME`, else `.huimin` in the deployment)."""
    return Path(os.environ.get("HUIMIN_HOME") or deployment_from_environment() / ".huimin").absolute()


def expectations_from_environment() -> Path:
    """The folder of contracts (`HUIMIN_EXPECTATIONS`, else `expectations` in the deployment), for what needs no other setting."""
    return Path(os.environ.get("HUIMIN_EXPECTATIONS") or deployment_from_environment() / "expectations").absolute()


def release_rules_from_environment() -> Path:
    """Returns the deployment's rules of releases, for what needs no other setting; the file may be absent."""
    return deployment_from_environment() / "release_rules" / "rules.yml"


def revision_from_environment() -> str | None:
    """Returns the revision of the program as its image or installation states it (`HUIMIN_GIT_REVISION`)."""
    return os.environ.get("HUIMIN_GIT_REVISION") or None


def run_from_environment() -> str | None:
    """The run of Airflow in which this process works, as `load_home_visit/manual__2023-07-01`; None outside of one."""
    run = os.environ.get("AIRFLOW_CTX_DAG_RUN_ID")
    return f"{os.environ.get('AIRFLOW_CTX_DAG_ID', '')}/{run}" if run else None


def divisions_from_environment() -> Path:
    """Returns the deployment's list of divisions, for what needs no other setting.

    Raises:
        SettingsError: the deployment has none.
    """
    return _divisions_of(deployment_from_environment() / "dbt_project")


def _divisions_of(dbt_project: Path) -> Path:
    path = dbt_project / "seeds" / "divisions.csv"
    if not path.exists():
        next_step = "set HUIMIN_DEPLOYMENT to the folder that holds expectations/ and dbt_project/"
        raise SettingsError(f"there is no list of divisions at {path}: {next_step}")
    return path


def stack_file(home: Path) -> Path:
    """Returns the file in which services that run on this machine for `home` leave their variables."""
    return home / "stack.json"


def stack_environment(home: Path) -> dict[str, str]:
    """Reads the variables of services that run on this machine for `home`; empty when none do."""
    path = stack_file(home)
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def stack_settings() -> Settings:
    """Reads the settings of a command that hashes personal numbers. The variables of running services are its defaults.

    Raises:
        SettingsError: the warehouse or the key for personal numbers is not set, or a number is no number.
    """
    settings = reading_settings()
    _ = settings.hashing_key
    return settings


def reading_settings() -> Settings:
    """Reads the settings of a command that hashes nothing, and so needs no key. Services that run here give the defaults.

    They give none to a warehouse of one's own: its rows must not come from the demo's sources, nor its mails go there.

    Raises:
        SettingsError: the warehouse is not set, or a number is no number.
    """
    variables = stack_environment(home_from_environment())
    own, of_stack = warehouse_variable(os.environ), warehouse_variable(variables)
    is_own = own is not None and (of_stack is None or not is_same_database(own, of_stack))
    return settings_from_environment(defaults={} if is_own else variables, needs_pii_key=False)


def warehouse_variable(environment: Mapping[str, str]) -> str | None:
    """Returns the URL of the warehouse that variables name; None when they name none."""
    return next((url for name in _WAREHOUSE_VARIABLES if (url := environment.get(name))), None)


def connection_from_environment(name: str) -> str | None:
    """The URL of a connection for what needs no other setting; None when the environment does not set it."""
    return os.environ.get(f"AIRFLOW_CONN_{name.upper()}")


def landing_connection_from_environment() -> str | None:
    """The name of the connection that the landing needs, for who keeps connections elsewhere than in the environment."""
    return landing_connection(os.environ)


def settings_from_environment(
    extra_connections: Mapping[str, str] | None = None,
    *,
    defaults: Mapping[str, str] | None = None,
    needs_pii_key: bool = True,
) -> Settings:
    """Read the settings from environment variables.

    `extra_connections` are those that a scheduler keeps elsewhere, `defaults` variables of a stack that is running on this
    machine; the environment wins over both. `needs_pii_key`: refuses at once what would fail when the first row is hashed.

    Raises:
        SettingsError: the warehouse or a key that is needed is not set, or a number is no number.
    """
    environment, prefix = {**(defaults or {}), **os.environ}, "AIRFLOW_CONN_"
    own = {name.removeprefix(prefix).lower(): url for name, url in environment.items() if name.startswith(prefix)}
    connections = {**(extra_connections or {}), **own}
    warehouse = environment.get("HUIMIN_WAREHOUSE_URL") or connections.get("warehouse")
    if not warehouse:
        raise SettingsError("the warehouse is not set: set HUIMIN_WAREHOUSE_URL to a postgresql:// URL, or run `make up` first")
    settings = Settings(
        home=home_from_environment(),
        warehouse_url=warehouse,
        pii_key=environment.get("HUIMIN_PII_KEY", "").encode(),
        old_pii_key=environment.get("HUIMIN_PII_KEY_OLD", "").encode(),
        connections=connections,
        transformer_url=environment.get("HUIMIN_TRANSFORMER_URL") or warehouse,
        smtp_url=environment.get("HUIMIN_SMTP_URL"),
        mail_from=environment.get("HUIMIN_MAIL_FROM", "huimin@localhost"),
        operators_mail=environment.get("HUIMIN_OPERATORS_MAIL"),
        message_language=message_language(environment),
        postgres_binaries=Path(binaries) if (binaries := environment.get("HUIMIN_POSTGRES_BIN")) else None,
        batch_size=whole_number(environment, "HUIMIN_BATCH_SIZE", 128),
        landing_address=landing_address(environment, connections, home_from_environment()),
        http_timeout_seconds=whole_number(environment, "HUIMIN_HTTP_TIMEOUT_SECONDS", 30),
        expectations=Path(environment.get("HUIMIN_EXPECTATIONS") or expectations_from_environment()).absolute(),
        reading=ReadingLimits(
            memory_mb=whole_number(environment, "HUIMIN_READING_MEMORY_MB", 512),
            cpu_seconds=whole_number(environment, "HUIMIN_READING_CPU_SECONDS", 30),
        ),
    )
    _ = settings.hashing_key if needs_pii_key else b""
    return settings
