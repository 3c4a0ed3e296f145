"""The state of an issue follows from what happened to its documents and what people did, whatever the order."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.outgoing_messages import Message
from loaders.warehouse import DecisionRefused, Outbox, Warehouse, Words
from tests.support.warehouse.driver import Document, WarehouseDriver, make_report

pytestmark = pytest.mark.integration
BAD = Document("v", "A", "2023-01", 1, rows=(("k1", 1),), wrong=("k2", "k3"))
FIXED = dataclasses.replace(BAD, name="v_更正1", minute=2, rows=(("k1", 1), ("k2", 2)), wrong=("k3",))
STATES = """
    select i.state, count(*)::int from ops.issue_state as i group by 1 order by 1
"""
# By the code of the rejected row, or the place of the refused document.
BY_SUBJECT = """
    select coalesce(q.record ->> 'code', s.source_uri), min(i.state)
    from ops.issue_state as i
    inner join ops.submission as s on s.submission_id = i.last_submission_id
    left join quarantine.row as q on (q.submission_id, q.row_number) = (i.last_submission_id, i.row_number)
    group by 1 order by 1
"""


def notify(driver: WarehouseDriver, *, most: int = 9) -> set[str]:
    """Tells the owner some of what he was not told yet; the keys of these issues."""
    issues = driver.warehouse.unnotified_issues(driver.report)[:most]
    message = Message("a@b", "subject", "text", issue_keys=tuple(issue.issue_key for issue in issues), recipient_role="科")
    if issues:
        driver.warehouse.queue_issue_messages(driver.report.report, [message])
        with Outbox(driver.url).next_due() as delivery:
            assert delivery is not None
            delivery.record_sent()
    return {issue.issue_key for issue in issues}


def number_of(driver: WarehouseDriver, document: Document) -> int:
    query = "select max(submission_id) from ops.submission where source_uri = %s and sha256 = %s"
    return int(driver.query(query, document.uri, document.sha256)[0][0])


def test_an_issue_is_opened_notified_corrected_and_opened_again(warehouse_url: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report("period"))
    driver.receive(BAD)
    assert dict(driver.query(BY_SUBJECT)) == {"k2": "open", "k3": "open"}
    notify(driver)
    assert dict(driver.query(BY_SUBJECT)) == {"k2": "notified", "k3": "notified"}
    driver.receive(FIXED)
    assert dict(driver.query(BY_SUBJECT)) == {"k2": "corrected", "k3": "notified"}
    driver.withdraw(number_of(driver, FIXED))
    assert dict(driver.query(BY_SUBJECT)) == {"k2": "reopened", "k3": "notified"}
    driver.withdraw(number_of(driver, BAD))
    assert dict(driver.query(BY_SUBJECT)) == {"k2": "expired", "k3": "expired"}
    events = driver.query(
        "select array_agg(event order by event_id) from ops.issue_event group by issue_key order by count(*) desc"
    )
    assert [row[0] for row in events] == [
        ["opened", "notified", "corrected", "reopened", "expired"],
        ["opened", "notified", "expired"],
    ]
    facts = "select opened_at, notified_at, closed_at, corrected_at, owner_role, submissions_count from ops.issue_state"
    for opened_at, notified_at, closed_at, corrected_at, role, _ in driver.query(facts):
        assert opened_at < notified_at < closed_at and corrected_at is None and role == "科"


def test_a_refused_document_stays_open_until_its_successor_is_accepted(warehouse_url: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report("period"))
    refused = dataclasses.replace(BAD, is_broken=True)
    driver.receive(refused)
    driver.receive(dataclasses.replace(refused, minute=2, tag="refused again"))
    assert driver.query(STATES) == [("open", 2)]
    driver.receive(dataclasses.replace(BAD, name="other", minute=3, wrong=()))
    assert driver.query(STATES) == [("corrected", 2)]


def test_loading_again_adds_no_event_and_a_purge_takes_them_all(warehouse_url: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report("period"))
    driver.receive(BAD)
    events = driver.query("select * from ops.issue_event order by 1")
    driver.warehouse.reload(driver.report, periods=(), units=(), uris=())
    driver.load()
    driver.receive()
    assert driver.query("select * from ops.issue_event order by 1") == events
    driver.warehouse.purge(driver.report.report, why="retired", by="me", files_count=0, has_records=False)
    assert driver.query("select * from ops.issue_event") == []


@pytest.mark.parametrize(
    "statement",
    [
        "update ops.issue_event set event = 'corrected'",
        "delete from ops.issue_event",
        "truncate ops.issue_event",
    ],
)
def test_no_role_changes_an_event(warehouse_url: str, statement: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report("period"))
    driver.receive(BAD)
    for role in ("huimin_loader", None):
        with psycopg.connect(warehouse_url) as connection:
            if role:
                connection.execute(f"set role {role}")
            error = psycopg.errors.InsufficientPrivilege if role else psycopg.errors.RaiseException
            with pytest.raises(error, match=r"permission denied|append-only"):
                connection.execute(statement)
    with psycopg.connect(warehouse_url) as connection:
        connection.execute("set role huimin_transformer")
        assert connection.execute("select count(*) from ops.issue_state").fetchone() == (2,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("insert into ops.issue_event (issue_key, report, event) values ('x', 'visit', 'opened')")


def test_a_warehouse_of_before_gets_the_events_of_its_issues(warehouse_url: str) -> None:
    """What the migration adds is what was recorded meanwhile."""
    from loaders.warehouse.schema.migrations.versions.r002x import r0028_issue_events as revision
    from loaders.warehouse.schema.migrations.versions.r003x import r0035_issue_touches as newest

    driver = WarehouseDriver(warehouse_url, make_report("period"))
    driver.receive(BAD)
    notify(driver, most=1)
    driver.receive(FIXED)
    before = driver.query(BY_SUBJECT)
    with psycopg.connect(warehouse_url, autocommit=True) as connection:
        connection.execute("set role huimin_owner")
        connection.execute("delete from ops.issue_event")
        connection.execute("reset role")
        for _ in range(2):
            connection.execute(revision._EVENT)
            connection.execute(newest._STATE)
            connection.execute(revision._EARLIER)
    assert driver.query(BY_SUBJECT) == before
    Warehouse(warehouse_url).prepare(driver.report)


NAMES = ("v", "w", "x")


@dataclasses.dataclass
class Model:
    """One scope of documents, and the state of each issue: (subject, document or None)."""

    received: list[Document] = dataclasses.field(default_factory=list)
    withdrawn: set[str] = dataclasses.field(default_factory=set)
    states: dict[str, str] = dataclasses.field(default_factory=dict)
    # What each acknowledged issue was before, and what it was told as since.
    before: dict[str, str] = dataclasses.field(default_factory=dict)

    def shown_by(self, document: Document) -> set[str]:
        return {document.uri} if document.is_broken else set(document.wrong)

    def open_now(self) -> set[str]:
        standing = [one for one in self.received if one.uri not in self.withdrawn]
        loaded = max((one.minute for one in standing if not one.is_broken), default=-1)
        current = [one for one in standing if one.minute == loaded or (one.is_broken and one.minute > loaded)]
        return {subject for one in current for subject in self.shown_by(one)}

    def follow(self) -> None:
        now = self.open_now()
        for subject in now:
            state = self.states.get(subject)
            if state is None or state in ("corrected", "expired"):
                self.states[subject] = "open" if state is None else "reopened"
        for subject, state in self.states.items():
            if subject not in now and state not in ("corrected", "expired"):
                showing = [one for one in self.received if subject in self.shown_by(one)]
                is_gone = all(one.uri in self.withdrawn for one in showing)
                self.states[subject] = "expired" if is_gone else "corrected"


def documents() -> st.SearchStrategy[Document]:
    return st.builds(
        lambda minute, wrong, is_broken: Document(
            f"v{minute}", "A", "2023-01", minute, (("k0", minute),), tuple(sorted(wrong)), None, is_broken, str(minute)
        ),
        st.integers(1, 12),
        st.sets(st.sampled_from(["k1", "k2", "k3"])),
        st.booleans(),
    )


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("receive"), documents()),
        st.tuples(st.sampled_from(["withdraw", "reinstate", "again"]), st.integers(0, 5)),
        st.tuples(st.just("notify"), st.integers(1, 2)),
        st.tuples(st.sampled_from(["acknowledge", "revoke"]), st.integers(0, 3)),
    ),
    min_size=4,
    max_size=10,
)


def test_random_histories_end_in_the_state_of_a_plain_model(warehouse_url: str) -> None:
    driver = WarehouseDriver(warehouse_url, make_report("period", shrink_limit_pct=100))

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(STEPS)
    def check(steps: list[tuple[str, object]]) -> None:
        driver.delete_decisions()
        driver.delete_all()
        model = Model()
        for step in steps:
            take(driver, model, *step)
            model.follow()
            assert dict(states_of(driver)) == model.states
            assert driver.compare_all() == 0, "what was touched is all that changed"
            assert driver.query("select * from ops.uncompared_submission") == []

    check()


def take(driver: WarehouseDriver, model: Model, kind: str, argument: object) -> None:
    """Does one step to the warehouse and the model."""
    if kind == "receive" and isinstance(argument, Document):
        if argument.uri not in {one.uri for one in model.received}:
            driver.receive(argument)
            model.received.append(argument)
    elif kind == "notify" and isinstance(argument, int):
        notified = {subject for _, _, subject in subjects(driver, notify(driver, most=argument))}
        model.before |= dict.fromkeys(notified, "notified")
        model.states |= {subject: "notified" for subject in notified if model.states[subject] != "acknowledged"}
    elif kind == "acknowledge" and isinstance(argument, int):
        acknowledge(driver, model, argument)
    elif kind == "revoke" and isinstance(argument, int):
        revoke(driver, model, argument)
    elif kind == "again":
        driver.warehouse.reload(driver.report, periods=(), units=(), uris=())
        driver.load()
    elif isinstance(argument, int):
        is_withdrawal = kind == "withdraw"
        chosen = [one for one in model.received if not one.is_broken and (one.uri in model.withdrawn) is not is_withdrawal]
        if argument < len(chosen):
            document = chosen[argument]
            (driver.withdraw if is_withdrawal else driver.reinstate)(number_of(driver, document))
            driver.load()
            model.withdrawn ^= {document.uri}


def revoke(driver: WarehouseDriver, model: Model, number: int) -> None:
    """A person takes back what he acknowledged of the issue of that number: it is what it was before."""
    found = sorted(subjects(driver, None), key=lambda row: row[2])
    if number < len(found) and found[number][1] == "acknowledged":
        key, _, subject = found[number]
        with driver.warehouse.acknowledging(driver.warehouse.find_issue(key), Words("me", "not mine"), revoke=True):
            model.states[subject] = model.before[subject]


def acknowledge(driver: WarehouseDriver, model: Model, number: int) -> None:
    """A person knows of the open issue of that number; what is closed cannot be acknowledged."""
    found = sorted(subjects(driver, None), key=lambda row: row[2])
    if number < len(found):
        key, state, subject = found[number]
        if state in ("corrected", "expired"):
            with (
                pytest.raises(DecisionRefused, match="nothing to acknowledge"),
                driver.warehouse.acknowledging(driver.warehouse.find_issue(key), Words("me", "seen")),
            ):
                pass
        else:
            with driver.warehouse.acknowledging(driver.warehouse.find_issue(key), Words("me", "seen")):
                model.before |= {subject: state} if state != "acknowledged" else {}
                model.states[subject] = "acknowledged"


def states_of(driver: WarehouseDriver) -> Iterator[tuple[str, str]]:
    for _, state, subject in subjects(driver, None):
        yield subject, state


def subjects(driver: WarehouseDriver, keys: set[str] | None) -> list[tuple[str, str, str]]:
    """(issue, state, code of the row or place of the document) of some issues, or all."""
    return driver.query(
        """
        select i.issue_key, i.state, coalesce(k.code, i.source_uri)
        from ops.issue_state as i
        left join lateral (
            select q.record ->> 'code' as code from ops.issue as o
            inner join quarantine.row as q on (q.submission_id, q.row_number) = (o.submission_id, o.row_number)
            where o.issue_key = i.issue_key limit 1
        ) as k on true
        where %s::text[] is null or i.issue_key = any(%s)
        """,
        None if keys is None else list(keys),
        None if keys is None else list(keys),
    )
