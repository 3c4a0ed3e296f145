"""The charity federation's front-end machine: a database of which outsiders may read one view."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

DATABASE, READER = "charity_frontend", "charity_reader"
_TYPES = {
    "founded_on": "date",
    "ended_on": "date",
    "raised": "numeric(16,2)",
    "raised_cum": "numeric(16,2)",
    "spent": "numeric(16,2)",
    "spent_cum": "numeric(16,2)",
    "balance": "numeric(16,2)",
    "update_time": "timestamptz",
}


def open_front_end(admin_url: str, table: Path, password: str) -> str:
    """Make the database as `table` (a CSV with a header) has it, and an account that may read the view alone.

    Running it again changes nothing but the account's password.

    Returns:
        The account's URL.

    Raises:
        psycopg.Error: the server refuses; the admin account must be able to make databases and roles.
    """
    content = table.read_bytes()
    with psycopg.connect(_with(admin_url), autocommit=True) as admin:
        _make_reader(admin, password)
        _make_database(admin)
    with psycopg.connect(_with(admin_url, database=DATABASE)) as connection:
        _fill(connection, content)
    return _with(admin_url, database=DATABASE, login=(READER, password))


def _make_reader(admin: psycopg.Connection, password: str) -> None:
    known = admin.execute("select 1 from pg_roles where rolname = %s", (READER,)).fetchone()
    verb = sql.SQL("alter" if known else "create")
    admin.execute(
        sql.SQL("{} role {} login nosuperuser nocreatedb nocreaterole noinherit password {}").format(
            verb, sql.Identifier(READER), sql.Literal(password)
        )
    )


def _make_database(admin: psycopg.Connection) -> None:
    if admin.execute("select 1 from pg_database where datname = %s", (DATABASE,)).fetchone() is None:
        admin.execute(
            sql.SQL("create database {} encoding 'UTF8' locale 'C' template template0").format(sql.Identifier(DATABASE))
        )
    admin.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(DATABASE)))
    admin.execute(sql.SQL("grant connect on database {} to {}").format(sql.Identifier(DATABASE), sql.Identifier(READER)))


def _fill(connection: psycopg.Connection, content: bytes) -> None:
    stamp = hashlib.sha256(content).hexdigest()
    held = connection.execute("select obj_description(to_regnamespace('report'), 'pg_namespace')").fetchone()
    if held is not None and held[0] == stamp:
        return
    columns = next(csv.reader(content.decode().splitlines()[:1]))
    described = sql.SQL(", ").join(sql.SQL("{} {}").format(sql.Identifier(c), sql.SQL(_TYPES.get(c, "text"))) for c in columns)
    named = sql.SQL(", ").join(map(sql.Identifier, columns))
    connection.execute("drop schema if exists report, ledger cascade")
    connection.execute("create schema ledger")
    connection.execute("create schema report")
    connection.execute(
        sql.SQL("create table ledger.community_fund_month (seq integer generated always as identity primary key, {})").format(
            described
        )
    )
    copy = sql.SQL("copy ledger.community_fund_month ({}) from stdin (format csv, header true)").format(named)
    with connection.cursor() as cursor, cursor.copy(copy) as stream:
        stream.write(content)
    connection.execute(
        sql.SQL("create view report.v_community_fund as select seq, {} from ledger.community_fund_month").format(named)
    )
    connection.execute(sql.SQL("grant usage on schema report to {}").format(sql.Identifier(READER)))
    connection.execute(sql.SQL("grant select on report.v_community_fund to {}").format(sql.Identifier(READER)))
    connection.execute(sql.SQL("comment on schema report is {}").format(sql.Literal(stamp)))


def _with(url: str, *, database: str | None = None, login: tuple[str, str] | None = None) -> str:
    """The URL for psycopg, whatever driver it names, with another database or login."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")
    netloc = parts.netloc if login is None else f"{quote(login[0])}:{quote(login[1])}@{place[2]}"
    return urlunsplit(("postgresql", netloc, parts.path if database is None else f"/{database}", parts.query, ""))
