"""Every decision leaves an event, whoever writes it and however; the chain of hashes names what was changed or taken away."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from loaders.operations.audit.audit_chain import verify_audit
from loaders.settings import Settings
from loaders.warehouse.audit.audit_log import AuditLog
from loaders.warehouse.schema.roles import LOADER
from tests.integration.rights.conftest import Place
from tests.integration.rights.test_append_only import DECLARED
from tests.integration.rights.test_permissions import huimin

pytestmark = pytest.mark.integration
SUBMISSION = (
    "insert into ops.submission (report, source_uri, source_modified_at, sha256, unit_code, byte_size, revision)"
    f" values ('home_visit', 'sftp://a/b.csv', now(), '{'a' * 64}', '441302', 1, 1)"
)
WRITTEN = {
    "document.accept": (
        f"{SUBMISSION}; insert into ops.decision (submission_id, report, source_uri, sha256, decision, reason, decided_by)"
        f" select max(submission_id), 'home_visit', 'sftp://a/b.csv', '{'a' * 64}', 'accept', '确已减少', '王'"
        " from ops.submission",
        ("sftp://a/b.csv", "王", "确已减少"),
    ),
    "issue.overridden": (
        "insert into ops.issue_event (issue_key, report, event, decided_by, reason, words)"
        " values ('k1', 'home_visit', 'overridden', '李', 'confirmed', '属实')",
        ("k1", "李", "属实"),
    ),
    "declaration.nothing_to_report": (DECLARED, ("home_visit 441302 2023-05", "李", "无")),
    "release.proposed": (
        "insert into release.draft (period_code, values_digest, summary) values ('2023-05', 'd', '{}')",
        ("draft 1", None, None),
    ),
    "release.approved": (
        "insert into ops.release_decision (draft_id, period_code, values_digest, decision, reason, decided_by, decided_at)"
        " values (1, '2023-05', 'd', 'publish', '同意', '王', now())",
        ("draft 1", "王", "同意"),
    ),
    "release.returned": (
        "insert into ops.release_decision (draft_id, period_code, values_digest, decision, reason, decided_by, decided_at)"
        " values (2, '2023-05', 'd', 'return', '缺一份', '王', now())",
        ("draft 2", "王", "缺一份"),
    ),
}


@pytest.mark.parametrize("action", WRITTEN)
def test_what_a_person_decides_is_an_event_with_the_role_that_wrote_it(place: Place, action: str) -> None:
    statement, (subject, person, reason) = WRITTEN[action]
    place.run(statement, LOADER)
    (event,) = AuditLog(place.url(LOADER)).events(action=action)
    assert (event["subject"], event["decided_by"], event["reason"]) == (subject, person, reason)
    assert event["database_role"] == LOADER
    assert verify_audit(settings_of(place, Path()))[0] == []


def test_what_no_person_decided_is_none(place: Place) -> None:
    before = numbers(place)
    place.run("insert into ops.issue_event (issue_key, report, event) values ('k', 'home_visit', 'opened')", LOADER)
    assert numbers(place) == before


def test_what_migrating_does_to_rights_is_an_event(place: Place) -> None:
    done = {event["subject"] for event in AuditLog(place.url(LOADER)).events(action="rights.", limit=1000)}
    assert 'alter table "ops"."decision" owner to "huimin_owner"' in done
    assert 'grant insert on "ops"."decision" to "huimin_loader"' in done


def test_a_decision_that_is_rolled_back_leaves_no_event_and_no_gap(place: Place) -> None:
    before = numbers(place)
    with psycopg.connect(place.url(LOADER)) as connection:
        connection.execute(DECLARED.encode())
        connection.rollback()
    place.run(DECLARED, LOADER)
    assert numbers(place) == [*before, len(before) + 1]


def test_decisions_at_the_same_time_make_one_chain(place: Place) -> None:
    before = len(numbers(place))
    statement = WRITTEN["issue.overridden"][0]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: place.run(f"{statement}; {statement}; {statement}", LOADER), range(16)))
    assert numbers(place) == list(range(1, before + 49))
    assert AuditLog(place.url(LOADER)).chain_errors()[0] == []


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("update ops.audit_event set decided_by = '张' where event_number = {last}", "it was changed"),
        ("update ops.audit_event set details = '{{}}' where event_number = {last}", "it was changed"),
        ("delete from ops.audit_event where event_number = {last} - 1", "it is missing"),
        ("update ops.audit_event set event_hash = 'x' where event_number = 3", "it does not follow"),
        ("insert into ops.audit_event (database_role, action, subject) values ('x', 'document.accept', 'y')", "it is missing"),
    ],
)
def test_what_somebody_changes_who_can_switch_triggers_off_is_named(place: Place, statement: str, what: str) -> None:
    place.run(DECLARED, LOADER)
    last = numbers(place)[-1]
    place.run(f"set session_replication_role = replica; {statement.format(last=last)}")
    found, _ = verify_audit(settings_of(place, Path()))
    assert any(what in one.what for one in found), found


def test_a_chain_whose_end_was_cut_off_is_named_against_a_hash_that_was_noted(place: Place, tmp_path: Path) -> None:
    place.run(DECLARED, LOADER)
    done = huimin(place.url(LOADER), tmp_path, "verify", "audit")
    assert done.returncode == 0, done.stderr
    head = done.stdout.split()[-1]
    assert len(bytes.fromhex(head)) == hashlib.sha256().digest_size
    last = numbers(place)[-1]
    place.run(f"set session_replication_role = replica; delete from ops.audit_event where event_number = {last}")
    assert verify_audit(settings_of(place, tmp_path))[0] == [], "what is left is a chain by itself"
    done = huimin(place.url(LOADER), tmp_path, "verify", "audit", "--head", head)
    assert done.returncode == 1 and head in done.stderr


def test_the_command_lists_events_newest_first(place: Place, tmp_path: Path) -> None:
    for statement, _ in (WRITTEN["declaration.nothing_to_report"], WRITTEN["issue.overridden"]):
        place.run(statement, LOADER)
    done = huimin(place.url(LOADER), tmp_path, "audit", "log", "--json", "--limit", "2")
    assert [event["action"] for event in json.loads(done.stdout)] == ["issue.overridden", "declaration.nothing_to_report"]
    shown = huimin(place.url(LOADER), tmp_path, "audit", "log", "--action", "issue.").stdout
    assert "属实" in shown and "declaration" not in shown
    assert json.loads(huimin(place.url(LOADER), tmp_path, "audit", "log", "--since", "2999-01-01", "--json").stdout) == []


def numbers(place: Place) -> list[object]:
    return [number for (number,) in place.run("select event_number from ops.audit_event order by 1")]


def settings_of(place: Place, home: Path) -> Settings:
    return Settings(home=home, warehouse_url=place.url(LOADER))
