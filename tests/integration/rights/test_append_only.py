"""As the loader, with its own password: rows of decisions, events and releases are added, and nothing else is done with them."""

from __future__ import annotations

import psycopg
import pytest

from loaders.warehouse.connection import connect
from loaders.warehouse.lifecycle.purge import purge
from loaders.warehouse.schema.append_only import CHANGEABLE_COLUMNS, LEDGER_RIGHTS
from loaders.warehouse.schema.planner_statistics import analyze_changed
from loaders.warehouse.schema.roles import LOADER
from tests.integration.rights.conftest import Place

pytestmark = pytest.mark.integration
RELEASE_TABLES = ("draft", "release", "returned_draft", "value", "submission", "note")
FROZEN = [f"ops.{table}" for table in LEDGER_RIGHTS] + [f"release.{table}" for table in RELEASE_TABLES]
DECLARED = (
    "insert into ops.declaration (report, unit_code, period, decision, reason, decided_by)"
    " values ('home_visit', '441302', '2023-05', 'nothing_to_report', '无', '李')"
)
EVENT = "insert into ops.issue_event (issue_key, report, event) values ('k', 'home_visit', 'opened')"
COUNTS = "1, 2, 3, 4, 5"


@pytest.mark.parametrize("table", FROZEN)
def test_the_loader_changes_no_row(shared: Place, table: str) -> None:
    (columns,) = shared.run(
        f"select array_agg(attname::text) from pg_attribute where attrelid = '{table}'::regclass and attnum > 0"
    )
    changeable = CHANGEABLE_COLUMNS.get(table.removeprefix("ops."))
    statements = [f"update {table} set {column} = default" for column in columns[0] if column != changeable]  # type: ignore[attr-defined]
    for statement in (*statements, f"delete from {table}", f"truncate {table}", f"truncate {table} cascade"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
            shared.run(statement, LOADER)


@pytest.mark.parametrize(
    "statement",
    [
        "drop table {table}",
        "drop table {table} cascade",
        "alter table {table} disable trigger all",
        "alter table {table} rename to other",
        "alter table {table} owner to huimin_loader",
        "create trigger mine before insert on {table} for each row execute function ops.refuse_transition()",
        "create rule mine as on insert to {table} do instead nothing",
        "create policy mine on {table} using (false)",
    ],
)
def test_the_loader_cannot_take_the_protection_away(shared: Place, statement: str) -> None:
    for table in ("ops.decision", "ops.audit_event", "release.value"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            shared.run(statement.format(table=table), LOADER)


@pytest.mark.parametrize(
    "statement",
    [
        "drop schema ops cascade",
        "alter schema ops rename to other",
        "set session_replication_role = replica",
        "set role huimin_owner",
        "grant huimin_owner to huimin_loader",
        "drop function ops.seal_audit_event() cascade",
        "create or replace function ops.refuse_change_of_rows() returns trigger language plpgsql as 'begin return new; end'",
        "create table ops.mine (audit_event_id bigint);"
        " create trigger mine after insert on ops.mine for each row execute function ops.seal_audit_event()",
        "create table raw.mine (a int);"
        " create trigger mine after insert on raw.mine for each row execute function ops.record_audit_event()",
        "select ops.record_rights_change('grant all')",
        "select setval('ops.audit_event_audit_event_id_seq', 1)",
    ],
)
def test_no_way_round_is_open(shared: Place, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        shared.run(statement, LOADER)


def test_not_even_a_superuser_changes_one_by_mistake(place: Place) -> None:
    place.run(DECLARED, LOADER)
    for statement in ("update ops.declaration set reason = 'x'", "delete from ops.declaration", "truncate ops.declaration"):
        with pytest.raises(psycopg.errors.RaiseException, match=r"ops\.declaration is append-only"):
            place.run(statement)
    place.run("select set_config('huimin.lifecycle', 'purge', false)")
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        place.run("set huimin.lifecycle = 'purge'; delete from ops.declaration")


def test_a_shown_number_is_closed_and_nothing_else(place: Place) -> None:
    place.run(
        "insert into ops.disclosed_value (measure_code, series_code, period_code, basis, value, opened_build)"
        " values ('m', '441302', '2023-05', 'value', 12, 1)",
        LOADER,
    )
    place.run("update ops.disclosed_value set closed_build = 2", LOADER)
    assert place.run("select value, closed_build from ops.disclosed_value") == [(12, 2)]


def test_the_loader_purges_a_report_and_the_purge_is_recorded(place: Place) -> None:
    place.run(DECLARED, LOADER)
    place.run(EVENT, LOADER)
    place.run("insert into ops.pull (report, is_full) values ('home_visit', true)", LOADER)
    place.run(
        "insert into ops.container (report, source_uri, source_modified_at, sha256, byte_size, documents, unpacked_by, pull_id)"
        f" select 'home_visit', 'a.zip', now(), '{'a' * 64}', 1, '{{}}', 'zip', max(pull_id) from ops.pull",
        LOADER,
    )
    with connect(place.url(LOADER)) as connection:
        purge(connection, "home_visit", why="重复", by="李", files_count=7, has_records=True)
    for table in ("declaration", "issue_event", "container", "pull"):
        assert place.run(f"select count(*) from ops.{table}") == [(0,)], table
    assert place.run("select report, reason, decided_by, files_count from ops.purge") == [("home_visit", "重复", "李", 7)]
    assert place.run("select subject, decided_by from ops.audit_event where action = 'report.purged'") == [("home_visit", "李")]


def test_the_loader_renames_and_analyzes_by_functions_that_do_just_that(place: Place) -> None:
    place.run(DECLARED, LOADER)
    place.run("select ops.rename_append_only('home_visit', 'house_call')", LOADER)
    assert place.run("select report, reason from ops.declaration") == [("house_call", "无")]
    named = place.run("select subject, details ->> 'declaration' from ops.audit_event where action = 'report.renamed'")
    assert named == [("home_visit -> house_call", "1")]
    with pytest.raises(psycopg.errors.RaiseException, match="has a name"):
        place.run("select ops.rename_append_only('', 'x')", LOADER)
    with connect(place.url(LOADER)) as connection:
        assert "ops.declaration" in analyze_changed(connection)
    # A name that is quoted is a name, whatever it holds.
    with pytest.raises(psycopg.errors.UndefinedTable):
        place.run("select ops.analyze_append_only('decision; drop table ops.decision')", LOADER)


def test_no_other_role_may_call_what_the_loader_may(shared: Place) -> None:
    for call in (f"ops.purge_append_only('r', 'w', 'b', {COUNTS})", "ops.rename_append_only('a', 'b')"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            shared.run(f"select {call}", "huimin_transformer")
