"""`huimin migrate` as users of few rights on a real server: one script for the administrator, after which nothing is left."""

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from demo.embedded_postgres import EmbeddedPostgres
from loaders.contract import load_deployment
from loaders.warehouse import Warehouse, migrate
from loaders.warehouse.schema.roles import COUNTY_READERS, LOADER, OWNER, OWNER_OF_SCHEMA, READER, ROLES, TRANSFORMER, county_role
from tests.integration.conftest import PASSWORDS

pytestmark = pytest.mark.integration
ROOT = Path(__file__).resolve().parents[3]
COUNTIES = ("441302", "HZ-ZK")
COUNTY_ROLES = (*map(county_role, load_deployment(ROOT / "deployment.yml").county_readers), COUNTY_READERS)
USER, PASSWORD = "office_user", "of-few-rights"
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A server of its own, as roles belong to all databases: none of ours, and a user who may do nothing but log in."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("bare") / "server") as server:
        admin(server, "postgres", f"create role {USER} login password '{PASSWORD}'")
        yield server
    server.remove()


@pytest.fixture
def database(bare: EmbeddedPostgres) -> Iterator[str]:
    """An empty database, on a server that has none of the roles."""
    name = f"office_{next(_numbers)}"
    bare.create_database(name)
    yield name
    admin(
        bare,
        "postgres",
        f"drop database {name} with (force)",
        *(f"drop role if exists {role}" for role in (*ROLES, *COUNTY_ROLES, OWNER)),
    )


def admin(server: EmbeddedPostgres, database: str, *statements: str) -> None:
    with psycopg.connect(server.url(database), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def huimin(url: str, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("HUIMIN_", "AIRFLOW"))}
    environment = clean | {"PYTHONPATH": str(ROOT), "HUIMIN_HOME": str(home), "HUIMIN_WAREHOUSE_URL": url}
    command = [sys.executable, "-c", "from loaders.cli import main; main()", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def as_user(server: EmbeddedPostgres, database: str) -> str:
    return server.url(database, USER, PASSWORD)


PREPARED = {
    "a user who may only log in": (),
    "the owner of the database": ("alter database {name} owner to {user}",),
    "a user who may create roles": ("alter role {user} createrole", "grant create on database {name} to {user}"),
}


@pytest.mark.parametrize("kind", PREPARED)
def test_the_script_of_the_administrator_leaves_nothing_to_do(
    bare: EmbeddedPostgres, database: str, tmp_path: Path, kind: str
) -> None:
    names = {"name": database, "user": USER}
    admin(bare, "postgres", *(statement.format_map(names) for statement in PREPARED[kind]))
    try:
        first = huimin(as_user(bare, database), tmp_path, "migrate")
        assert first.returncode == 1, first.stderr
        assert "commit;" in first.stdout and "huimin migrate" in first.stderr
        # A second run finds the same: it repeats the script, not a part of it.
        script = tmp_path / "admin.sql"
        second = huimin(as_user(bare, database), tmp_path, "migrate", "--script", str(script))
        assert (second.returncode, second.stdout) == (1, "")
        assert script.read_text(encoding="utf-8") == first.stdout
        admin(bare, database, script.read_text(encoding="utf-8"))
        third = huimin(as_user(bare, database), tmp_path, "migrate")
        assert (third.returncode, third.stdout) == (0, "the warehouse is up to date\n"), third.stderr + third.stdout
        # Nobody who works owns what is append-only, nor the schema that it is in.
        assert owners(bare, database) == OWNER_OF_SCHEMA
    finally:
        admin(bare, "postgres", f"alter database {database} owner to postgres", f"alter role {USER} nocreaterole")
        admin(bare, database, f"reassign owned by {USER} to postgres", f"drop owned by {USER}")


def owners(server: EmbeddedPostgres, database: str) -> dict[str, str]:
    query = "select nspname, pg_get_userbyid(nspowner) from pg_namespace where nspname !~ '^pg_|information_schema|public'"
    with psycopg.connect(server.url(database)) as connection:
        return dict(connection.execute(query).fetchall())


def test_a_superuser_leaves_nothing_and_any_of_the_roles_finds_nothing(bare: EmbeddedPostgres, database: str) -> None:
    assert migrate(bare.url(database)) == ()
    for role in ROLES:
        admin(bare, database, f"alter role {role} password '{PASSWORDS[role]}'")
    assert migrate(bare.url(database, LOADER, PASSWORDS[LOADER])) == ()
    Warehouse(bare.url(database, LOADER, PASSWORDS[LOADER])).status()


# What belonged to whom before huimin_owner.
OF_BEFORE = f"""
    do $$
    declare one record;
    begin
        for one in select nspname as name from pg_namespace where nspname in ('ops', 'quarantine') loop
            execute format('alter schema %I owner to {LOADER}', one.name);
        end loop;
        for one in select c.oid::regclass as name from pg_class as c
            where c.relnamespace in ('ops'::regnamespace, 'quarantine'::regnamespace) and c.relkind in ('r', 'v') loop
            execute format('alter table %s owner to {LOADER}', one.name);
        end loop;
    end $$;
    grant usage on schema release to {LOADER};
    grant select, insert on all tables in schema release to {LOADER};
"""


@pytest.mark.parametrize("by", ["a superuser", "the owner of the database"])
def test_a_warehouse_of_before_is_upgraded(bare: EmbeddedPostgres, database: str, tmp_path: Path, by: str) -> None:
    upgrade_to("r0038", bare.url(database))
    admin(bare, database, f"create role {LOADER} login password '{PASSWORDS[LOADER]}'", OF_BEFORE)
    url = bare.url(database)
    if by != "a superuser":
        admin(bare, database, f"alter database {database} owner to {USER}", f"grant {LOADER} to {USER}")
        admin(bare, database, f"alter schema release owner to {USER}")
        of_release = ("draft", "release", "returned_draft", "value", "submission", "note")
        admin(bare, database, *(f"alter table release.{table} owner to {USER}" for table in of_release))
        admin(bare, database, f"alter function release.refuse_change() owner to {USER}")
        functions = "select oid::regprocedure from pg_proc where pronamespace = 'ops'::regnamespace"
        with psycopg.connect(url, autocommit=True) as connection:
            for (name,) in connection.execute(functions).fetchall():
                connection.execute(f"alter function {name} owner to {USER}".encode())
        url = as_user(bare, database)
        first = huimin(url, tmp_path, "migrate")
        assert first.returncode == 1, first.stderr
        admin(bare, database, first.stdout)
    try:
        assert migrate(url) == ()
        assert owners(bare, database) == OWNER_OF_SCHEMA
        with psycopg.connect(bare.url(database, LOADER, PASSWORDS[LOADER])) as loader:
            loader.execute("insert into ops.issue_event (issue_key, report, event) values ('k', 'visit', 'opened')")
            loader.commit()
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                loader.execute("delete from ops.issue_event")
    finally:
        admin(bare, "postgres", f"alter database {database} owner to postgres")
        admin(bare, database, f"reassign owned by {USER} to postgres", f"drop owned by {USER}")


def upgrade_to(revision: str, url: str) -> None:
    from alembic import command
    from alembic.config import Config

    from loaders.warehouse.connection import driver_url

    config = Config()
    config.set_main_option("script_location", str(ROOT / "loaders" / "warehouse" / "schema" / "migrations"))
    config.set_main_option("recursive_version_locations", "true")
    config.attributes["url"] = driver_url(url)
    command.upgrade(config, revision)


def test_two_that_migrate_at_once_both_end_well(bare: EmbeddedPostgres, database: str, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: huimin(bare.url(database), tmp_path, "migrate"), range(2)))
    assert [done.returncode for done in both] == [0, 0], "".join(done.stderr for done in both)


LOSSES = [
    ("revoke usage on schema bi_county from bi_county", 'grant usage on schema "bi_county" to "bi_county"'),
    ("revoke bi_county from bi_county_441302", 'grant "bi_county" to "bi_county_441302"'),
    ("alter role bi_county_hz_zk in database {name} reset search_path", 'alter role "bi_county_hz_zk"'),
    ("alter schema raw owner to postgres", 'alter schema "raw" owner to "huimin_loader"'),
    (f"revoke usage on schema bi from {READER}", 'grant usage on schema "bi" to "bi_reader"'),
    (f"revoke select on ops.submission from {TRANSFORMER}", 'grant select on "ops"."submission" to "huimin_transformer"'),
    (f"alter role {READER} in database {{name}} reset temp_file_limit", "temp_file_limit"),
    ("grant temporary on database {name} to public", "revoke temporary on database"),
    ("grant execute on function pg_catalog.lo_creat(integer) to public", "revoke execute on function pg_catalog.lo_creat"),
    (
        f"alter default privileges for role {TRANSFORMER} in schema bi revoke select on tables from {READER}",
        "alter default privileges",
    ),
]


@pytest.mark.parametrize(("loss", "expected"), LOSSES)
def test_each_right_that_was_lost_is_found_by_who_may_not_give_it(
    bare: EmbeddedPostgres, database: str, loss: str, expected: str
) -> None:
    migrate(bare.url(database), COUNTIES)
    admin(bare, database, loss.format(name=database))
    # The reader may see the catalogs, and nothing else.
    with psycopg.connect(bare.url(database)) as connection:
        connection.execute(sql.SQL("alter role {} password {}").format(sql.Identifier(READER), sql.Literal(PASSWORDS[READER])))
    left = missing_as(bare.url(database, READER, PASSWORDS[READER]))
    assert len(left) == 1 and expected in left[0]
    assert migrate(bare.url(database), COUNTIES) == (), "a superuser gives it back"


def missing_as(url: str) -> list[str]:
    from loaders.warehouse.connection import connect
    from loaders.warehouse.schema.privileges import missing_statements

    with connect(url) as connection:
        return [statement.as_string(connection) for statement in missing_statements(connection, COUNTIES)]
