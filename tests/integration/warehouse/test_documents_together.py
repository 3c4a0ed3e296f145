"""Documents that are loaded together leave in the warehouse what they leave when each is loaded by itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

import pytest

from demo.embedded_postgres import EmbeddedPostgres
from loaders.warehouse.load import batch_load
from tests.integration.conftest import fresh_database
from tests.support.warehouse.driver import Document, WarehouseDriver, make_report

pytestmark = pytest.mark.integration
MONTHS = [f"2023-{month:02d}" for month in range(1, 9)]
HELD_KEY = "2023-04 A 1"
CONTENTS = (
    "select _submission_id, code, amount, note, _row, _unit_code, _period_start, _superseded_by from raw.visit",
    "select submission_id, sheet, row_number, record::text, state, key_holder_id from quarantine.row",
    "select submission_id, rule, row_number, found, issue_key, resolved_at is null from ops.issue",
    """
    select submission_id, state, state_reason, rows_total, rows_loaded, rows_quarantined, rows_furniture, rows_accepted,
        furniture::text, contract_sha256, content_sha256, revision_number, stamped_on, superseded_by, duplicate_of
    from ops.submission
    """,
    "select submission_id, table_number, sheet, letters::text from ops.document_table",
    "select report, cursor from ops.watermark",
)


def documents() -> list[Document]:
    """24 documents of three units, each with keys of its own, one with a wrong row."""
    return [
        Document(
            "a",
            unit,
            month,
            number,
            rows=tuple((f"{month} {unit} {row}", number + row) for row in range(3)),
            wrong=("w",) if number == 5 else (),
            mark=number % 2,
        )
        for number, (month, unit) in enumerate((month, unit) for month in MONTHS for unit in ("A", "B", "C"))
    ]


class Loads:
    """A warehouse for each way to load, and how many documents each shared savepoint held."""

    def __init__(self, postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch, replaces: str) -> None:
        self._postgres = postgres
        self._report = make_report(replaces)
        self.shared: list[int] = []
        write = batch_load.write_together

        def write_and_count(connection: Any, report: Any, some: Any) -> Any:
            self.shared.append(len(some))
            return write(connection, report, some)

        monkeypatch.setattr(batch_load, "write_together", write_and_count)

    def contents(self, deliveries: Iterable[list[Document]], *, together: bool) -> list[list[tuple[Any, ...]]]:
        driver = WarehouseDriver(self._postgres.url(fresh_database(self._postgres)), self._report)
        for delivery in deliveries:
            driver.deliver(*delivery)
            if together:
                driver.load()
            else:
                load_one_by_one(driver)
        driver.check_account()
        return [sorted(driver.query(text), key=str) for text in CONTENTS]


def load_one_by_one(driver: WarehouseDriver) -> None:
    while waiting := driver.warehouse.pending(driver.report):
        token, claimed = driver.warehouse.claim(driver.report, [waiting[0].submission_id])
        driver.warehouse.load_batch(driver.report, token, driver.items(claimed))


@pytest.fixture
def loads(postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch, replaces: str) -> Loads:
    return Loads(postgres, monkeypatch, replaces)


@pytest.mark.parametrize("replaces", ["period", "key", "nothing"])
def test_independent_documents_share_one_savepoint(loads: Loads) -> None:
    alone = loads.contents([documents()], together=False)
    assert loads.shared == []
    assert loads.contents([documents()], together=True) == alone
    assert loads.shared == [24]


@pytest.mark.parametrize("replaces", ["register"])
def test_documents_that_replace_each_other_share_none(loads: Loads) -> None:
    assert loads.contents([documents()], together=True) == loads.contents([documents()], together=False)
    assert loads.shared == []


@pytest.mark.parametrize("replaces", ["period", "key", "nothing"])
def test_a_document_with_a_held_key_is_found_among_its_neighbors(loads: Loads) -> None:
    holder = Document("held", "C", "2022-12", 0, rows=((HELD_KEY, 7), ("other", 8)))
    alone = loads.contents([[holder], documents()], together=False)
    loads.shared.clear()
    assert loads.contents([[holder], documents()], together=True) == alone
    assert loads.shared[0] == 24
    assert len(loads.shared) < 12


@pytest.mark.parametrize("replaces", ["period", "nothing"])
def test_a_document_that_cannot_be_stored_costs_its_neighbors_nothing(loads: Loads) -> None:
    some = documents()
    some[7] = dataclasses.replace(some[7], rows=(("k" * 3_000, 1),))
    alone = loads.contents([some], together=False)
    assert loads.contents([some], together=True) == alone
    assert [row[1] for row in alone[3] if row[1] == "rejected"] == ["rejected"]


@pytest.mark.parametrize("replaces", ["period", "key", "nothing"])
def test_corrections_repeats_and_copies_are_decided_one_by_one(loads: Loads) -> None:
    some = documents()
    corrected = dataclasses.replace(some[3], minute=100, rows=(("corrected", 1),))
    repeated = dataclasses.replace(some[4], name="again", minute=101)
    copied = dataclasses.replace(some[6], name="copy", minute=102, tag="other bytes")
    broken = dataclasses.replace(some[8], name="broken", is_broken=True)
    delivery = [*some, broken, corrected, repeated, copied]
    assert loads.contents([delivery], together=True) == loads.contents([delivery], together=False)
    assert loads.shared
