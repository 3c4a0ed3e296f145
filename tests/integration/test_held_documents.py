"""A document much shorter than the one that it replaces is held, asked about, and loaded once a person confirmed it."""

import json

import pytest

from loaders import pipeline
from loaders.arrival import Decision
from loaders.landing import read_records, write_record
from loaders.operations.acceptance import accept
from loaders.settings import Settings
from loaders.warehouse import CannotBeAccepted
from tests.support.warehouse.file_drop import check_account, huimin, load, put, query, visits

pytestmark = pytest.mark.integration
NAME = "home_visit/2023-05/441302_记录"
CURRENT = "select count(*), max(_submission_id) from raw.home_visit where _superseded_at is null"


def states(settings: Settings) -> list[tuple[object, ...]]:
    """(name, state, rule) of each judgement, in their order."""
    return [
        (uri.rpartition("_")[2], state, rule)
        for uri, state, rule in query(
            settings,
            "select s.source_uri, s.state, i.rule from ops.submission as s left join ops.issue as i "
            "on i.submission_id = s.submission_id and i.severity = 'document' order by s.submission_id",
        )
    ]


def current(settings: Settings) -> int:
    return int(query(settings, CURRENT)[0][0])


def shrunk(settings: Settings, before: int = 284, now: int = 19) -> int:
    """A month of visits and a much shorter correction of it; the number of the correction's submission."""
    put(settings, f"{NAME}.csv", visits(range(before)), hours_ago=60)
    load("home_visit", settings)
    put(settings, f"{NAME}_更正1.csv", visits(range(now), persons=3), hours_ago=50)
    load("home_visit", settings)
    return int(query(settings, "select max(submission_id) from ops.submission")[0][0])


def test_284_rows_replaced_by_19_are_held_and_the_owner_is_reported_both_counts_and_the_command(settings: Settings) -> None:
    number = shrunk(settings)
    assert states(settings) == [("记录.csv", "accepted", None), ("更正1.csv", "rejected", "document_shrank")]
    assert current(settings) == 284
    (zh, en) = query(settings, "select message_zh, message_en from ops.issue where rule = 'document_shrank'")[0]
    for words in (zh, en):
        assert "284" in words and "19" in words and f"huimin accept {number} --why" in words
    check_account(settings)


SHORTER = [
    (10, 8, False),
    (10, 1, False),
    (25, 5, False),
    (284, 250, False),
    (284, 284, False),
    (19, 284, False),
    (1000, 801, False),
    (1000, 799, True),
    (60, 39, True),
    (22, 1, True),
]


def test_both_the_share_and_the_count_must_be_passed(settings: Settings) -> None:
    """A month for each case: a document, and one that would replace it."""
    for persons, hours_ago in ((2, 60), (3, 50)):
        for month, counts in enumerate(SHORTER, start=1):
            first = month * 10_000
            codes = range(first, first + counts[persons - 2])
            content = visits(codes, day=f"2023-{month:02}-04", persons=persons)
            put(settings, f"home_visit/2023-{month:02}/441302_记录{persons}.csv", content, hours_ago=hours_ago)
        load("home_visit", settings)
    found = query(
        settings,
        "select s.period, n.state, count(r.*) from ops.submission s join ops.submission n using (period) "
        "left join raw.home_visit r on extract(month from r.visited_date) = right(s.period, 2)::int and r._superseded_at is null "
        "where s.source_uri like '%2.csv' and n.source_uri like '%3.csv' group by 1, 2 order by 1",
    )
    assert found == [
        (f"2023-{month:02}", "rejected" if is_held else "accepted", before if is_held else now)
        for month, (before, now, is_held) in enumerate(SHORTER, start=1)
    ]
    check_account(settings)


def test_a_person_confirms_and_the_decision_is_kept_in_ledger_and_landing(settings: Settings) -> None:
    number = shrunk(settings)
    done = huimin(settings, "accept", str(number), "--why", "三个站点已撤销", "--by", "王科长")
    assert (done.exit_code, "accepted: 1" in done.stdout or "1 accepted" in done.stdout) == (0, True), done.stdout + done.stderr
    assert current(settings) == 19
    assert states(settings)[0][1] == "superseded" and states(settings)[-1][1] == "accepted"
    decided = "select submission_id, decision, reason, decided_by from ops.decision"
    assert query(settings, decided) == [(number, "accept", "三个站点已撤销", "王科长")]
    (kept,) = [record for _, record in read_records(settings.landing) if isinstance(record, Decision)]
    assert (kept.why, kept.by, kept.decision) == ("三个站点已撤销", "王科长", "accept")
    check_account(settings)


def test_an_accepted_document_stays_so_when_it_is_loaded_again(settings: Settings) -> None:
    accept(settings, shrunk(settings), why="gone", by="me")
    for batch in pipeline.extract("home_visit", settings, again=True):
        pipeline.load_batch("home_visit", batch, settings)
    assert current(settings) == 19
    check_account(settings)


def test_the_next_document_is_compared_with_the_one_that_was_accepted(settings: Settings) -> None:
    number = shrunk(settings)
    put(settings, f"{NAME}_更正2.csv", visits(range(30)), hours_ago=40)
    load("home_visit", settings)
    assert states(settings)[-1][1] == "rejected", "30 of 284"
    accept(settings, number, why="gone", by="me")
    assert states(settings)[-1] == ("更正2.csv", "landed", None), "it is judged anew, against 19"
    load("home_visit", settings)
    assert current(settings) == 30
    check_account(settings)


def test_a_whole_document_after_a_held_one_is_loaded(settings: Settings) -> None:
    number = shrunk(settings)
    put(settings, f"{NAME}_更正2.csv", visits(range(280)), hours_ago=40)
    load("home_visit", settings)
    assert current(settings) == 280
    done = huimin(settings, "accept", str(number), "--why", "gone")
    assert done.exit_code == 2 and "superseded meanwhile" in done.stderr and len(done.stderr.strip().splitlines()) == 1
    assert current(settings) == 280 and query(settings, "select count(*) from ops.decision") == [(0,)]


def test_a_log_that_is_cut_short_under_its_own_name_is_held_too(settings: Settings) -> None:
    """The same place shows fewer rows: whatever is replaced, rows would be closed."""
    put(settings, f"{NAME}.csv", visits(range(284)), hours_ago=60)
    load("home_visit", settings)
    put(settings, f"{NAME}.csv", visits(range(19)), hours_ago=50)
    load("home_visit", settings)
    assert states(settings)[-1][1:] == ("rejected", "document_shrank") and current(settings) == 284


def test_what_cannot_be_accepted_is_said_in_one_line(settings: Settings) -> None:
    number = shrunk(settings)
    put(settings, "home_visit/2023-05/441303_记录.csv", b"\x00\x00\x00", hours_ago=40)
    load("home_visit", settings)
    broken = int(query(settings, "select max(submission_id) from ops.submission")[0][0])
    for chosen, words in ((99_999, "there is no submission"), (1, "already accepted"), (broken, "not held for its length")):
        done = huimin(settings, "accept", str(chosen), "--why", "gone")
        assert done.exit_code == 2 and words in done.stderr, done.stderr
        assert "Traceback" not in done.stderr and len(done.stderr.strip().splitlines()) == 1
    assert huimin(settings, "accept", str(number), "--why", "  ").exit_code == 2
    assert huimin(settings, "accept", str(number)).exit_code == 2
    accept(settings, number, why="gone", by="me")
    with pytest.raises(CannotBeAccepted, match="already accepted"):
        accept(settings, number, why="gone", by="me")


def test_held_documents_are_listed_until_they_are_decided(settings: Settings) -> None:
    number = shrunk(settings)
    (row,) = json.loads(huimin(settings, "held", "--json").stdout)
    assert (row["submission_id"], row["rows"], row["unit"]) == (number, 19, "441302")
    accept(settings, number, why="gone", by="me")
    assert json.loads(huimin(settings, "held", "--json").stdout) == []


def test_decisions_are_never_changed_or_taken_back(settings: Settings) -> None:
    accept(settings, shrunk(settings), why="gone", by="me")
    for statement in ("update ops.decision set reason = 'x'", "delete from ops.decision"):
        with pytest.raises(Exception, match="append-only"):
            query(settings, statement)


def test_a_decision_that_could_not_be_kept_is_none(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The record is on the disk before the ledger has the decision; without the one there is not the other."""
    number = shrunk(settings)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("loaders.operations.acceptance.write_record", full)
    with pytest.raises(OSError, match="No space"):
        accept(settings, number, why="gone", by="me")
    assert query(settings, "select count(*) from ops.decision") == [(0,)] and current(settings) == 284
    monkeypatch.setattr("loaders.operations.acceptance.write_record", write_record)
    accept(settings, number, why="gone", by="me")
    assert current(settings) == 19
