"""PostgreSQL as another system's database."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from demo.embedded_postgres import EmbeddedPostgres
from tests.support.databases.other_system import PASSWORD, READER, SCHEMA, OtherSystem


class PostgresSystem(OtherSystem):
    """The schema in a server that a test started."""

    sleep = "pg_sleep(0.4)::text"
    binary_type = "bytea"

    def __init__(self, server: EmbeddedPostgres, scheme: str = "postgresql") -> None:
        self._server = server
        self._scheme = scheme
        url = sa.make_url(server.url()).set(drivername="postgresql+psycopg")
        self.owner = sa.create_engine(url, poolclass=sa.NullPool)

    def url(self, user: str = READER, password: str = PASSWORD) -> str:
        return self._server.url(user=user, password=password).replace("postgresql:", f"{self._scheme}:", 1)

    def reset(self) -> None:
        self.run(
            f'drop schema if exists "{SCHEMA}" cascade',
            f"do $$ begin create role {READER}; exception when duplicate_object then null; end $$",
            f"drop owned by {READER}",
            f"drop role if exists {READER}",
            f"create role {READER} login password '{PASSWORD}'",
            f'create schema "{SCHEMA}"',
            f'grant usage on schema "{SCHEMA}" to {READER}',
            f'alter default privileges in schema "{SCHEMA}" grant select on tables to {READER}',
        )

    def cut_connections(self) -> int:
        with self.owner.connect() as connection:
            query = sa.text("select pg_terminate_backend(pid) from pg_stat_activity where usename = :user")
            return len(connection.execute(query, {"user": READER}).all())

    def refused_logins(self) -> int:
        return (Path(self._server._state) / "server.log").read_text(encoding="utf-8").count("FATAL")
