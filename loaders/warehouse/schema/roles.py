"""The roles of the warehouse, each with no more rights than it needs.

- `huimin_owner` owns the schemas `ops` and `release` and all that is append-only. Nobody logs in as it.
- `huimin_loader` owns `quarantine`, `raw` and the tables of `ops` that it changes, and sees nothing that dbt makes.
- `huimin_transformer` owns dbt's schemas, reads `raw` and the ledger, writes neither.
- `bi_reader` selects from `bi` and `bi_zh`, and nothing else.
- `bi_county_<code>` selects from `bi_county` and `bi_county_zh`, where it finds the rows of its own areas (docs/adr/0034).

What is append-only (`append_only.py`) belongs to none of those that work: the loader adds rows and cannot change one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import psycopg
from psycopg import sql

from loaders.warehouse.connection import Connection, connect, fetch_one

LOADER, TRANSFORMER, READER = "huimin_loader", "huimin_transformer", "bi_reader"
ROLES = (LOADER, TRANSFORMER, READER)
COUNTY_READERS = "bi_county"
"""The group of the counties' roles: nobody logs in as it."""
OWNER = "huimin_owner"
"""Owns what nobody may change. Nobody logs in as it; who migrates is a member."""
SCHEMAS_OF = {
    LOADER: ("ops", "quarantine", "raw"),
    TRANSFORMER: ("staging", "core", "evidence", "indicators", "bi", "bi_zh", "bi_county", "bi_county_zh"),
}
"""The schemas whose tables a role fills."""
OWNER_OF_SCHEMA = {
    **{schema: role for role, schemas in SCHEMAS_OF.items() for schema in schemas},
    # Whoever owns a schema may drop what is in it.
    **{"ops": OWNER, "release": OWNER},
}
SCHEMAS_READ_BY = {READER: ("bi", "bi_zh"), COUNTY_READERS: ("bi_county", "bi_county_zh")}
LEDGER_READ_BY_TRANSFORMER = (
    "submission",
    "document_table",
    "issue",
    "issue_state",
    "rule_title",
    "overridden_row",
    "replayed_row",
    "reporting_unit",
    "raw_row_count",
    "account",
    "obligation",
    "reporting_status",
    "missing_submission",
    "register_span",
    "rejected_record",
    "reporting_rate",
    "build",
    "touched_submission",
    "anomaly",
    "disclosed_value",
)


def county_role(area_code: str) -> str:
    """Returns the name of the role that reads the rows of a county or zone: `bi_county_441302`, `bi_county_hz_zk`."""
    return f"{COUNTY_READERS}_{area_code.lower().replace('-', '_')}"


def ensure_roles(url: str, passwords: Mapping[str, str]) -> None:
    """Creates the missing login roles and sets the given passwords, by role name, as far as the user of `url` may.

    What that user may not do is among the statements that `migrate` returns.
    """
    with connect(url) as connection:
        for role in (*ROLES, *(passwords.keys() - set(ROLES))):
            verb = "alter" if role_exists(connection, role) else "create"
            password = passwords.get(role)
            if verb == "alter" and password is None:
                continue
            statement = sql.SQL("{} role {} login").format(sql.SQL(verb), sql.Identifier(role))
            if password is not None:
                statement += sql.SQL(" password {}").format(sql.Literal(password))
            run_permitted(connection, [statement])


def run_permitted(connection: Connection, statements: Iterable[sql.Composed]) -> list[sql.Composed]:
    """Runs those of the statements that the current user may run, each in a savepoint of its own; returns these."""
    done = []
    for statement in statements:
        try:
            with connection.transaction():
                connection.execute(statement)
            done.append(statement)
        # An undefined role or schema is one that an earlier statement was not permitted to create.
        except (
            psycopg.errors.InsufficientPrivilege,
            psycopg.errors.InvalidGrantOperation,
            psycopg.errors.UndefinedObject,
            psycopg.errors.InvalidSchemaName,
        ):
            continue
    return done


def role_exists(connection: Connection, role: str) -> bool:
    """Returns whether the server has the role."""
    return fetch_one(connection, "select from pg_roles where rolname = %s", [role]) is not None
