"""The Debian packages that the system tests need. `python -m tests.support.debian_packages` says which are missing."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest


def soffice() -> Path | None:
    """Returns the command of LibreOffice if it includes Calc, which opens workbooks."""
    found = shutil.which("soffice")
    if found is None:
        return None
    command = Path(found).resolve()
    return Path(found) if (command.parent / "libsclo.so").exists() else None


def mariadbd() -> Path | None:
    """Returns the server of MariaDB; Debian puts it where only administrators look."""
    found = shutil.which("mariadbd", path="/usr/sbin:/usr/local/sbin") or shutil.which("mariadbd")
    return Path(found) if found and shutil.which("mariadb-install-db") else None


def chromium() -> Path | None:
    """Returns the browser."""
    found = shutil.which("chromium")
    return Path(found) if found else None


def redis() -> Path | None:
    """Returns the server that hands tasks to workers."""
    found = shutil.which("redis-server", path="/usr/bin:/usr/sbin:/usr/local/bin")
    return Path(found) if found else None


def promtool() -> Path | None:
    """Returns the tool of Prometheus that reads rules."""
    found = shutil.which("promtool")
    return Path(found) if found else None


def postgres_15() -> Path | None:
    """Returns the folder of the programs of PostgreSQL 15, which know TLS."""
    found = Path("/usr/lib/postgresql/15/bin")
    return found if (found / "postgres").is_file() else None


@dataclass(frozen=True, slots=True)
class DebianPackage:
    """A package, what it is for, and how to find what it installs."""

    name: str
    purpose: str
    command: Callable[[], Path | None]


LIBREOFFICE = DebianPackage(
    "libreoffice-calc-nogui", "soffice with Calc, the spreadsheet that the shown values are taken from", soffice
)
MARIADB = DebianPackage("mariadb-server", "mariadbd, the database that sources are tested against", mariadbd)
CHROMIUM = DebianPackage("chromium", "the browser that opens the pages", chromium)
REDIS = DebianPackage("redis-server", "redis-server, which hands tasks to Celery's workers", redis)
PROMETHEUS = DebianPackage("prometheus", "promtool, which reads the alarm rules and fires them", promtool)
POSTGRES_15 = DebianPackage(
    "postgresql-15", "an older server, which knows TLS, for upgrades and encrypted connections", postgres_15
)
# What `make test-system` needs; `make test-celery` asks for Redis itself.
NEEDED = (LIBREOFFICE, MARIADB, CHROMIUM, PROMETHEUS, POSTGRES_15)


def missing_packages(needed: tuple[DebianPackage, ...] = NEEDED) -> Mapping[str, str]:
    """Returns the missing packages, with their purpose."""
    return {package.name: package.purpose for package in needed if package.command() is None}


def describe_missing(missing: Mapping[str, str]) -> str:
    """Formats one line with the missing packages and the command that installs them."""
    names = ", ".join(f"{package} ({purpose})" for package, purpose in missing.items())
    return f"missing Debian packages: {names}; install them with: apt-get install -y {' '.join(missing)}"


def require_packages(*needed: DebianPackage) -> None:
    """Fails instead of skipping: a skipped comparison would look like a passed one."""
    if missing := missing_packages(needed):
        pytest.fail(describe_missing(missing), pytrace=False)


if __name__ == "__main__":
    if missing_packages():
        sys.exit(describe_missing(missing_packages()))
