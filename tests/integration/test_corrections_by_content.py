"""Files that are sent again: in another layout they change nothing; their marks and dates decide which one counts."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.embedded_postgres import EmbeddedPostgres
from loaders.operations.ledger_rebuild import rebuild_ledger
from loaders.operations.verification import verify_ledger
from tests.integration.conftest import fresh_database
from tests.support.warehouse.file_drop import query
from tests.support.warehouse.world import World, running_world

pytestmark = pytest.mark.integration
PLAIN = "编号,数量\nk1,1\nk2,2\nk3,x\n"
# A title, other columns first, another order of rows, and quotation marks.
OTHER_LAYOUT = '探访情况表,\n填报单位：惠城区,\n数量,编号\n2,k2\n"x","k3"\n1,"k1"\n'
LEDGER = """
    select distinct on (s.source_uri, s.sha256) s.source_uri, s.state, s.state_reason, s.revision_number, s.stamped_on::text,
        s.content_sha256, o.source_uri
    from ops.submission as s left join ops.submission as o on o.submission_id = s.duplicate_of
    order by s.source_uri, s.sha256, s.submission_id desc
"""


@pytest.fixture
def world(tmp_path: Path, warehouse_url: str) -> Iterator[World]:
    with running_world(tmp_path, warehouse_url) as one:
        one.contract(unit_level="county", reject_limit_pct=100)
        yield one


def put(world: World, name: str, text: str) -> None:
    world.put_bytes(f"2023-05/441302_{name}.csv", text.encode())
    world.load()
    world.check_account()


def current(world: World) -> dict[str, set[tuple[Any, ...]]]:
    """(code, amount) of the current rows, by file."""
    rows = world.query(
        "select s.source_uri, r.code, r.amount from raw.visit as r join ops.submission s on s.submission_id = r._submission_id "
        "where r._superseded_at is null"
    )
    found: dict[str, set[tuple[Any, ...]]] = {}
    for uri, *values in rows:
        found.setdefault(uri.rsplit("_", 1)[-1], set()).add(tuple(values))
    return found


def state(world: World, name: str) -> tuple[Any, ...]:
    """(state, reason, revision number, filing date) of a file."""
    (found,) = [row for row in world.query(LEDGER) if row[0].endswith(f"441302_{name}.csv")]
    return found[1:5]


def test_a_file_in_another_layout_changes_nothing_and_needs_no_mail(world: World) -> None:
    put(world, "a", PLAIN)
    assert len(world.reported()) == 1
    versions = world.query("select xmin::text, xmax::text, code from raw.visit order by code")
    put(world, "b", OTHER_LAYOUT)
    assert state(world, "b")[:2] == ("duplicate", "same_content")
    assert world.query("select xmin::text, xmax::text, code from raw.visit order by code") == versions
    assert world.reported() == []
    (row,) = world.query("select source_uris from ops.account")
    assert [uri.rsplit("_", 1)[-1] for uri in row[0]] == ["a.csv", "b.csv"]


def test_marks_and_dates_of_files_decide_which_one_counts(world: World, postgres: EmbeddedPostgres) -> None:
    put(world, "a(修订)", "编号,数量\nk1,5\nk2,6\n")
    put(world, "b", "编号,数量\nk1,7\nk2,x\n")
    assert state(world, "a(修订)") == ("accepted", None, 1, None)
    assert state(world, "b") == ("superseded", None, 0, None)
    assert world.reported() == []
    put(world, "c", "探访情况表（第二次修订）,\n填报日期：2023年6月5日,\n编号,数量\nk1,8\nk2,9\n")
    put(world, "d", "探访情况表（第二次修订）,\n填报日期：2023年6月3日,\n编号,数量\nk1,1\nk2,1\n")
    assert state(world, "c") == ("accepted", None, 2, "2023-06-05")
    assert state(world, "d") == ("superseded", None, 2, "2023-06-03")
    assert current(world) == {"c.csv": {("k1", 8), ("k2", 9)}}
    assert verify_ledger(world.settings) == []

    new = dataclasses.replace(world.settings, warehouse_url=postgres.url(fresh_database(postgres)), connections={})
    rebuild_ledger(new)
    assert query(new, LEDGER) == world.query(LEDGER)
