"""The matrix of roles, objects and verbs is that of matrix.csv: no right can be widened without this test failing."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from loaders.operations.audit.permission_workbook import write_permissions
from loaders.settings import Settings
from loaders.warehouse import migrate
from loaders.warehouse.audit.permissions import Permission, permissions, read_permissions
from loaders.warehouse.connection import connect
from tests.integration.rights.conftest import COUNTIES, Place

pytestmark = pytest.mark.integration
MATRIX = Path(__file__).parent / "matrix.csv"


def expected() -> set[Permission]:
    with MATRIX.open(encoding="utf-8", newline="") as file:
        return {Permission(**row) for row in csv.DictReader(file)}


def test_every_right_is_one_that_the_matrix_lists(shared: Place, tmp_path: Path) -> None:
    rows = permissions(shared.admin)
    written = tmp_path / "matrix.csv"
    with written.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([Permission._fields, *rows])
    more, less = set(rows) - expected(), expected() - set(rows)
    assert (more, less) == (set(), set()), f"if that is intended, take {written} over to {MATRIX.name}"


WIDENED = [
    "grant update on ops.decision to huimin_loader",
    "grant delete on ops.issue_event to huimin_loader",
    "grant truncate on release.value to huimin_loader",
    "grant insert on ops.audit_event to huimin_loader",
    "grant update (reason) on ops.declaration to huimin_loader",
    "grant trigger on ops.decision to huimin_loader",
    "grant select on ops.submission to bi_reader",
    "grant select on ops.decision to public",
    "grant select on raw.home_visit to bi_reader",
    "grant insert on ops.build to huimin_transformer with grant option",
    "grant usage on schema raw to bi_reader",
    "grant create on schema release to huimin_loader",
    "grant create on schema public to public",
    "grant create on database {name} to huimin_loader",
    "grant temporary on database {name} to bi_reader",
    "grant usage on sequence ops.decision_decision_id_seq to huimin_loader",
    "grant execute on function ops.record_rights_change(text) to huimin_loader",
    "grant execute on function ops.seal_audit_event() to public",
    "grant execute on function pg_catalog.lo_creat(integer) to bi_reader",
    "grant execute on function pg_catalog.pg_read_file(text) to public",
    "grant select on pg_catalog.pg_authid to huimin_loader",
    "alter function ops.today() security definer",
    "alter function ops.purge_append_only(text, text, text, bigint, bigint, bigint, bigint, bigint) owner to postgres",
    "alter table ops.decision owner to huimin_loader",
    "alter schema ops owner to huimin_loader",
    "alter default privileges for role huimin_transformer in schema core grant select on tables to bi_reader",
    "alter default privileges for role huimin_loader grant all on tables to huimin_transformer",
    "create function ops.mine() returns int language sql security definer as 'select 1'",
    "create schema mine authorization huimin_loader",
    "create table public.mine (a int); grant all on public.mine to public",
    # Roles, which belong to all databases.
    "grant huimin_owner to huimin_loader",
    "grant set on parameter log_statement to bi_reader",
    "grant pg_read_all_data to bi_reader",
    "alter role huimin_owner login",
    "alter role huimin_loader createrole",
    "alter role huimin_transformer bypassrls",
    "create role somebody login superuser",
]
TAKEN_BACK = [*WIDENED[:6], *WIDENED[16:18], *WIDENED[22:25]]


@pytest.mark.parametrize("statement", WIDENED)
def test_a_right_that_is_widened_is_seen(shared: Place, statement: str) -> None:
    with connect(shared.admin) as connection:
        assert set(read_permissions(connection)) == expected()
        connection.execute(statement.format(name=shared.name).encode())
        assert set(read_permissions(connection)) - expected(), "the matrix did not change"
        connection.rollback()


def test_migrating_takes_back_what_was_widened_on_what_is_append_only(place: Place) -> None:
    for statement in TAKEN_BACK:
        place.run(statement)
    assert len(set(permissions(place.admin)) - expected()) >= 9, "several are of the same table"
    assert migrate(place.admin, COUNTIES) == ()
    assert set(permissions(place.admin)) == expected()


def test_the_workbook_and_the_command_have_the_same_rows(shared: Place, tmp_path: Path) -> None:
    file = tmp_path / "permissions.xlsx"
    settings = Settings(home=tmp_path, warehouse_url=shared.url("huimin_loader"))
    assert write_permissions(settings, file) == len(expected())
    sheet = openpyxl.load_workbook(file).worksheets[0]
    rows = [tuple(cell.value for cell in row) for row in sheet.iter_rows()]
    assert rows[0] == Permission._fields and {Permission(*row) for row in rows[1:]} == expected()
    done = huimin(shared.url("bi_reader"), tmp_path, "audit", "permissions", "--csv")
    assert set(map(tuple, csv.reader(done.stdout.splitlines()))) == {tuple(row) for row in rows}


def huimin(url: str, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": "/usr/bin:/bin",
        "HUIMIN_HOME": str(home),
        "HUIMIN_WAREHOUSE_URL": url,
        "PYTHONPATH": ":".join(sys.path),
    }
    command = [sys.executable, "-c", "from loaders.cli import main; main()", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
