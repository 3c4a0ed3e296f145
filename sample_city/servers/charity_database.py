"""The charity federation's exchange database (前置机): other offices may read its views, one per report."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from loaders.contract import Column, ColumnType, Database, Report

DATABASE, READER = "charity_frontend", "charity_reader"
_TYPES = {ColumnType.DATE: "date", ColumnType.INTEGER: "bigint", ColumnType.BOOLEAN: "boolean"}


@dataclass(frozen=True, slots=True)
class View:
    """A view in the schema `report`, with the types of its fields that are not text."""

    report: str
    name: str
    types: Mapping[str, str]


def report_views(reports: Iterable[Report]) -> list[View]:
    """Returns the views of all reports that are read from this database, by their contracts."""
    return [
        View(
            report.report,
            report.source.relation.removeprefix("report."),
            {column.field or column.name: _type_of(column) for column in report.columns}
            | {report.source.updated_column: "timestamptz"},
        )
        for report in reports
        if isinstance(report.source, Database) and report.source.connection == DATABASE
    ]


def _type_of(column: Column) -> str:
    if column.type is ColumnType.DECIMAL:
        return "numeric({},{})".format(*column.shape)
    return _TYPES.get(column.type, "text")


def create_charity_database(admin_url: str, folder: Path, views: Sequence[View], password: str) -> str:
    """Creates the database from the CSV files in `folder` (one per view), and a role that may read the views only.

    Running it again changes only the role's password.

    Returns:
        The account's URL.

    Raises:
        psycopg.Error: the server refuses; the admin account must be able to make databases and roles.
    """
    contents = [(view, (folder / f"{view.report}.csv").read_bytes()) for view in views]
    with psycopg.connect(_url_with(admin_url), autocommit=True) as admin:
        _make_reader(admin, password)
        _make_database(admin)
    with psycopg.connect(_url_with(admin_url, database=DATABASE)) as connection:
        _fill(connection, contents)
    return _url_with(admin_url, database=DATABASE, login=(READER, password))


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


def _fill(connection: psycopg.Connection, contents: Sequence[tuple[View, bytes]]) -> None:
    stamp = hashlib.sha256(b"".join(repr(view).encode() + content for view, content in contents)).hexdigest()
    comment = connection.execute("select obj_description(to_regnamespace('report'), 'pg_namespace')").fetchone()
    if comment is not None and comment[0] == stamp:
        return
    connection.execute("drop schema if exists report, ledger cascade")
    connection.execute("create schema ledger")
    connection.execute("create schema report")
    connection.execute(sql.SQL("grant usage on schema report to {}").format(sql.Identifier(READER)))
    for view, content in contents:
        _make_view(connection, view, content)
    connection.execute(sql.SQL("comment on schema report is {}").format(sql.Literal(stamp)))


def _make_view(connection: psycopg.Connection, view: View, content: bytes) -> None:
    fields = next(csv.reader(content.decode().splitlines()[:1]))
    table, shown = sql.Identifier("ledger", view.report), sql.Identifier("report", view.name)
    named = sql.SQL(", ").join(map(sql.Identifier, fields))
    described = sql.SQL(", ").join(sql.SQL("{} {}").format(sql.Identifier(f), sql.SQL(view.types[f])) for f in fields)
    connection.execute(
        sql.SQL("create table {} (seq integer generated always as identity primary key, {})").format(table, described)
    )
    copy = sql.SQL("copy {} ({}) from stdin (format csv, header true)").format(table, named)
    with connection.cursor() as cursor, cursor.copy(copy) as stream:
        stream.write(content)
    connection.execute(sql.SQL("create view {} as select seq, {} from {}").format(shown, named, table))
    connection.execute(sql.SQL("grant select on {} to {}").format(shown, sql.Identifier(READER)))


def _url_with(url: str, *, database: str | None = None, login: tuple[str, str] | None = None) -> str:
    """Returns the URL for psycopg, without a driver name, with another database or login."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")
    netloc = parts.netloc if login is None else f"{quote(login[0])}:{quote(login[1])}@{place[2]}"
    return urlunsplit(("postgresql", netloc, parts.path if database is None else f"/{database}", parts.query, ""))
