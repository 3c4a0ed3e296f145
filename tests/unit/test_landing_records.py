"""Records beside the landed bytes, and the look at all files of a landing."""

import dataclasses
import datetime as dt
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.arrival import Arrival, Decision, Declaration
from loaders.landing import CorruptRecord, Discrepancy, DiscrepancyKind, inspect, land, read_records, record_name, write_record
from loaders.period import Period

CAME = dt.datetime(2026, 11, 30, 7, 26, 40, 123_456, tzinfo=dt.UTC)


def arrival(**changes: object) -> Arrival:
    facts = {
        "report": "home_visit",
        "uri": "drop:/2023-05/441302_5月.csv",
        "unit": "441302",
        "period": Period.parse("2023-05"),
        "size": 4,
        "modified_at": CAME - dt.timedelta(days=2),
        "sha256": "a" * 64,
        "byte_size": 4,
        "arrived_at": CAME,
        "effective_at": CAME - dt.timedelta(days=2),
        "cursor_to": None,
    }
    return Arrival(**facts | changes)


DECISION = Decision("home_visit", "drop:/2023-05/441302_5月.csv", "a" * 64, "accept", "三个站点已撤销", "王科长", CAME)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
moments = st.integers(0, 3_700_000_000_000).map(lambda ms: dt.datetime.fromtimestamp(ms / 1000, dt.UTC))
arrivals = st.builds(
    arrival,
    uri=texts,
    unit=st.none() | texts,
    period=st.sampled_from([None, Period.parse("2023-05"), Period.parse("2023Q2"), Period.parse("2023")]),
    size=st.none() | st.integers(0, 1 << 50),
    modified_at=moments,
    arrived_at=moments,
    effective_at=moments,
    cursor_to=st.none() | texts,
)
DECLARATION = Declaration("home_visit", "441302", Period.parse("2023-05"), "nothing_to_report", "停业整顿", "李科长", CAME)
declarations = st.builds(lambda why, by, at: dataclasses.replace(DECLARATION, why=why, by=by, at=at), texts, texts, moments)
decisions = st.builds(lambda why, by, at: dataclasses.replace(DECISION, why=why, by=by, at=at), texts, texts, moments)


@given(st.one_of(arrivals, decisions, declarations))
def test_what_is_kept_is_read_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, record: Arrival | Decision | Declaration
) -> None:
    folder = tmp_path_factory.mktemp("landing")
    name = write_record(folder, record)
    assert list(read_records(folder)) == [(name, record)] and name == record_name(record)


def test_records_come_in_the_order_of_their_moments(tmp_path: Path) -> None:
    later = [arrival(arrived_at=CAME + dt.timedelta(days=days)) for days in (40, 0, 3)]
    for record in (*later, DECISION):
        write_record(tmp_path, record)
    found = [record.arrived_at if isinstance(record, Arrival) else record.at for _, record in read_records(tmp_path)]
    assert found == sorted(found) and len(found) == 4


def test_a_record_is_for_its_group_alone_and_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / write_record(tmp_path, arrival())
    assert path.stat().st_mode & 0o777 == 0o640
    before = path.read_bytes()
    write_record(tmp_path, arrival(unit="441303"))
    assert path.read_bytes() == before
    write_record(tmp_path, arrival(unit="441303"), overwrite=True)
    assert [record for _, record in read_records(tmp_path)] == [arrival(unit="441303")]
    assert list((tmp_path / "incoming").iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'{"version": 2, "kind": "arrival"}', b'{"version": 1, "kind": "other"}', b"\xff"],
)
def test_a_record_that_cannot_be_read_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / write_record(tmp_path, arrival())
    path.write_bytes(content)
    ((found, damage),) = read_records(tmp_path)
    assert tmp_path / found == path and isinstance(damage, CorruptRecord) and path.name in str(damage)


def test_a_record_with_a_missing_or_an_unknown_field_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / write_record(tmp_path, arrival())
    content = json.loads(path.read_text())
    for wrong in ({k: v for k, v in content.items() if k != "uri"}, content | {"more": 1}, content | {"arrived_at": "soon"}):
        path.write_text(json.dumps(wrong))
        assert isinstance(next(iter(read_records(tmp_path)))[1], CorruptRecord)


class Landing:
    """A landing of one document with its record, as it should be."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.landed = land(folder, lambda target: target.write(b"rows"))
        self.known = [arrival(sha256=self.landed.sha256)]
        self.record = folder / write_record(folder, self.known[0])

    def found(self) -> list[Discrepancy]:
        return list(inspect(self.folder, self.known))

    def kinds(self) -> list[tuple[DiscrepancyKind, str]]:
        return [(discrepancy.kind, Path(discrepancy.path).name) for discrepancy in self.found()]


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path)


def test_a_landing_as_it_should_be_has_no_discrepancy(landing: Landing) -> None:
    assert landing.found() == []


def test_each_wrong_file_is_named_by_its_kind(landing: Landing) -> None:
    name = landing.landed.sha256
    landing.landed.path.chmod(0o600)
    for content, kind in (
        (b"rowz", DiscrepancyKind.ALTERED),
        (b"", DiscrepancyKind.ALTERED),
        (b"rows and more", DiscrepancyKind.ALTERED),
    ):
        landing.landed.path.write_bytes(content)
        assert landing.kinds() == [(kind, name)]
    landing.landed.path.unlink()
    assert landing.kinds() == [(DiscrepancyKind.MISSING, name)]
    landing.landed.path.mkdir()
    assert landing.kinds() == [(DiscrepancyKind.ALTERED, name)]


def test_what_nobody_knows_is_extra_and_what_is_left_over_is_temporary(landing: Landing) -> None:
    other = land(landing.folder, lambda target: target.write(b"other"))
    misplaced = landing.folder / "aa" / landing.landed.sha256
    misplaced.parent.mkdir()
    os.link(landing.landed.path, misplaced)
    (landing.folder / "incoming" / "tmp1").write_bytes(b"half")
    unknown = landing.folder / write_record(landing.folder, arrival(uri="drop:/x", sha256="b" * 64))
    assert sorted(landing.kinds()) == sorted(
        [
            (DiscrepancyKind.EXTRA, other.sha256),
            (DiscrepancyKind.EXTRA, landing.landed.sha256),
            (DiscrepancyKind.EXTRA, unknown.name),
            (DiscrepancyKind.TEMPORARY, "tmp1"),
        ]
    )


def test_a_record_that_is_gone_or_says_something_else_is_named(landing: Landing) -> None:
    write_record(landing.folder, dataclasses.replace(landing.known[0], uri="drop:/x"), overwrite=True)
    assert landing.kinds() == [(DiscrepancyKind.ALTERED, landing.record.name)]
    landing.record.write_text("{")
    assert landing.kinds() == [(DiscrepancyKind.ALTERED, landing.record.name)]
    landing.record.unlink()
    assert landing.kinds() == [(DiscrepancyKind.MISSING, landing.record.name)]


def test_the_record_of_a_run_that_died_before_its_ledger_row_is_no_discrepancy(landing: Landing) -> None:
    write_record(landing.folder, dataclasses.replace(landing.known[0], arrived_at=CAME - dt.timedelta(seconds=5)))
    assert landing.found() == []
