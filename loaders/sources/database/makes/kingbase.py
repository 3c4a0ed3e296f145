"""KingbaseES (人大金仓), which speaks PostgreSQL's protocol: the same driver, and PostgreSQL's dialect but for the version."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from loaders.sources.database.makes.postgresql import POSTGRESQL as _POSTGRESQL

# V8R3, the oldest in use, is built on it.
_COMMON_VERSION = (9, 6)


class KingbaseDialect(PGDialect_psycopg):
    """PostgreSQL's dialect for a server that says `KingbaseES V008R006C008B0014 on x86_64…`, which the original cannot read."""

    name = "kingbase"
    supports_statement_cache = True

    def _get_server_version_info(self, connection: Any) -> tuple[int, ...]:  # noqa: ARG002 - SQLAlchemy's form
        return _COMMON_VERSION


registry.register("kingbase.psycopg", __name__, KingbaseDialect.__name__)

KINGBASE = replace(
    _POSTGRESQL,
    name="KingbaseES",
    schemes=("kingbase", "kingbasees", "kingbase8", "kingbase+psycopg"),
    drivername="kingbase+psycopg",
)
