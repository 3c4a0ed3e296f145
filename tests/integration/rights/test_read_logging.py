"""What a role reads is in the server's log once that is switched on, and its sessions cannot switch it off."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest

from loaders.warehouse.schema.roles import READER, TRANSFORMER
from tests.integration.rights.conftest import Place
from tests.integration.rights.test_permissions import huimin

pytestmark = pytest.mark.integration


def server_log(place: Place) -> str:
    ((data,),) = place.run("select current_setting('data_directory')")
    return (Path(str(data)).parent / "server.log").read_text(encoding="utf-8")


def read(place: Place, role: str, word: str) -> None:
    with psycopg.connect(place.url(role)) as connection:
        connection.execute(f"select '{word}'".encode())


def test_reads_of_a_role_are_logged_once_that_is_switched_on(place: Place, tmp_path: Path) -> None:
    read(place, READER, "before-it-was-on")
    done = huimin(place.admin, tmp_path, "audit", "reads", "--on", READER, "--json")
    assert done.returncode == 0, done.stderr
    states = {row["role"]: row["reads"] for row in json.loads(done.stdout)}
    assert states[READER] == "log_statement=all" and states[TRANSFORMER] == "not logged"
    assert "add %u to log_line_prefix" in done.stderr
    read(place, READER, "figures-of-may")
    read(place, TRANSFORMER, "by-another-role")
    with psycopg.connect(place.url(READER)) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("set log_statement = 'none'")
    huimin(place.admin, tmp_path, "audit", "reads", "--off", READER)
    read(place, READER, "after-it-was-off")
    logged = server_log(place)
    assert "figures-of-may" in logged
    assert not any(word in logged for word in ("before-it-was-on", "by-another-role", "after-it-was-off"))
    switched = place.run("select subject from ops.audit_event where subject like '%log_statement%' order by event_number")
    assert [str(subject).rpartition(" ")[0] for (subject,) in switched] == [
        f'alter role "{READER}" in database "{place.name}" set log_statement =',
        f'alter role "{READER}" in database "{place.name}" reset',
    ]


def test_who_may_not_switch_it_is_given_the_statement(place: Place, tmp_path: Path) -> None:
    done = huimin(place.url(TRANSFORMER), tmp_path, "audit", "reads", "--on", READER)
    assert done.returncode == 1
    assert f'alter role "{READER}" in database "{place.name}" set log_statement = \'all\';' in done.stderr
    assert "no role nobody" in huimin(place.admin, tmp_path, "audit", "reads", "--on", "nobody").stderr
