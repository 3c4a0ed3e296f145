"""A desk that receives documents and loads them: the pipeline around the warehouse, without sources, readers and judges."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa

from loaders.arrival import Arrival, Decision
from loaders.contract import Report
from loaders.model import TEXTS, Issue, LandedFile, Pull, Reading, RemoteDocument, Severity, ValidationResult
from loaders.period import Period
from loaders.raw_schema import raw_schema
from loaders.revision import revision_of_place
from loaders.warehouse import CannotBeAccepted, CurrencyChange, LoadItem, Outcome, Submission, UnconfirmedGone, Warehouse
from loaders.warehouse.connection import connect
from loaders.warehouse.issues.issue_events import sync_issue_events
from tests.support.documents.contracts import VISIT

SHEET = "表1"
IDENTITY = "concat_ws('/', s.unit_code, s.period, s.sha256)"
_LEDGER = (
    "ops.conversation_issue",
    "ops.conversation",
    "ops.digest",
    "ops.outbox_message",
    "ops.notified_issue",
    "ops.notification",
    "ops.issue",
    "ops.watermark",
    "ops.submission",
    "ops.gone_document",
    "ops.pull",
    "ops.known_version",
)
START = dt.datetime(2023, 7, 1, 8, tzinfo=dt.UTC)
# A minute that lies in the future of whoever runs these tests.
FUTURE = 60 * 24 * 365 * 50


def make_report(replaces: str, *, keyed: bool = True, **changes: Any) -> Report:
    """A small report: a code, an amount and a note."""
    facts: dict[str, Any] = {
        "due_day": 5,
        "unit_level": "county",
        "units": ["A", "B", "C"],
        "replaces": replaces,
        "columns": [
            {"name": "code", "header": "编号", "required": True, "key": keyed},
            {"name": "amount", "header": "数量", "type": "integer"},
            {"name": "note", "header": "备注"},
        ],
    }
    return Report.model_validate(VISIT | facts | changes)


@dataclass(frozen=True)
class Document:
    """A document as it is sent. Two with the same fields from `rows` on have the same bytes.

    `rows` are (code, amount); `wrong` are codes of rows that validation rejects. `declared` is the (unit, period) that the
    document itself says: under another name it is refused. `is_broken` documents are refused under any name. `mark` is the
    revision mark of its title, `stamped_on` its filing date.
    """

    name: str
    unit: str
    period: str | None
    minute: int
    rows: tuple[tuple[str, int], ...] = ()
    wrong: tuple[str, ...] = ()
    declared: tuple[str, str] | None = None
    is_broken: bool = False
    tag: str = ""
    mark: int = 0
    stamped_on: dt.date | None = None

    @property
    def uri(self) -> str:
        return f"drop:/{self.period or 'none'}/{self.unit}_{self.name}.csv"

    @property
    def content(self) -> tuple[object, ...]:
        return self.rows, self.wrong, self.declared, self.is_broken, self.tag, self.mark, self.stamped_on

    @property
    def sha256(self) -> str:
        return hashlib.sha256(repr(self.content).encode()).hexdigest()

    @property
    def identity(self) -> str:
        """What it is, under whatever name and in whatever bytes: its rows, and whose they are."""
        return "/".join(filter(None, (self.unit, self.period, str((self.rows, self.wrong)))))

    @property
    def revision_number(self) -> int:
        return max(self.mark, revision_of_place(self.uri))

    @property
    def is_refused(self) -> bool:
        return self.is_broken or (self.declared is not None and self.declared != (self.unit, self.period))

    @property
    def modified_at(self) -> dt.datetime:
        return START + dt.timedelta(minutes=self.minute)

    def places(self) -> Iterator[tuple[int, str, int]]:
        """(row, code, amount) of each accepted row; row 1 is the header, wrong rows come last."""
        for number, (code, amount) in enumerate(self.rows, start=2):
            yield number, code, amount


class WarehouseDriver:
    """One report's documents on their way into one warehouse."""

    def __init__(self, url: str, report: Report) -> None:
        self.url = url
        self.report = report
        self.warehouse = Warehouse(url)
        self.warehouse.prepare(report)
        self._connection = psycopg.connect(url, autocommit=True)
        self._by_sha: dict[str, Document] = {}

    def __del__(self) -> None:
        self._connection.close()

    def deliver(self, *documents: Document) -> list[Submission | None]:
        """One pull that brings these documents."""
        pull = self.warehouse.open_pull(self.report, self.warehouse.watermark(self.report), f"c{len(self._by_sha):04d}")
        found = [self.register(pull, document) for document in documents]
        self.warehouse.close_pull(self.report, pull)
        return found

    def observe(self, *documents: Document, place: str = "drop:/", also: Collection[str] = ()) -> UnconfirmedGone:
        """One whole look at a source that holds these documents, and something in some other places, and nothing else."""
        pull = self.warehouse.open_pull(self.report, self.warehouse.watermark(self.report), f"c{len(self._by_sha):04d}")
        present = frozenset(document.uri for document in documents) | frozenset(also)
        unconfirmed = self.warehouse.record_presence(self.report, pull, Pull(None, place=place, present=present))
        for document in documents:
            self.register(pull, document)
        self.warehouse.close_pull(self.report, pull)
        return unconfirmed

    def register(self, pull: int, document: Document) -> Submission | None:
        self._by_sha[document.sha256] = document
        period = Period.parse(document.period) if document.period else None
        remote_document = RemoteDocument(self.report.report, document.uri, document.modified_at, 100, document.unit, period)
        return self.warehouse.register(pull, remote_document, LandedFile(document.sha256, Path("/nowhere"), 100), self.report)

    def replace_content(self, document: Document, other: Document) -> None:
        """From now on a document is read as another one, as if its contract had changed."""
        self._by_sha[document.sha256] = other

    def load(self) -> list[Outcome]:
        """Load what waits until nothing waits any more."""
        outcomes: list[Outcome] = []
        for _ in range(50):
            waiting = [submission.submission_id for submission in self.warehouse.pending(self.report)]
            if not waiting:
                return outcomes
            token, submissions = self.warehouse.claim(self.report, waiting)
            outcomes += self.warehouse.load_batch(self.report, token, self.items(submissions))
        raise AssertionError("loads never come to an end")

    def receive(self, *documents: Document) -> list[Outcome]:
        self.deliver(*documents)
        return self.load()

    def compare_all(self) -> int:
        """Compares all issues of the report with their events; returns how many events were missing."""
        with connect(self.url) as connection:
            connection.execute("delete from ops.issue_comparison")
            return sync_issue_events(connection, self.report)

    def items(self, submissions: Iterable[Submission]) -> list[LoadItem]:
        return [self.item(submission) for submission in submissions]

    def item(self, submission: Submission) -> LoadItem:
        document = self._by_sha[submission.sha256]
        reading = read(self.report, document)
        expected = (submission.unit_code, str(submission.period) if submission.period else None)
        if document.is_broken or (document.declared is not None and document.declared != expected):
            refusal = Issue("unreadable", Severity.DOCUMENT, "无法读取", "cannot be read", found="x")
            return LoadItem(submission, Reading(reading.rows.slice(0, 0), reading.rows_total, refusal=refusal), [])
        return LoadItem(submission, reading, [validate(self.report, document)])

    def delete_all(self) -> None:
        """Empty raw table, ledger and quarantine; deleting little is faster than truncating."""
        with self._connection.transaction():
            self._connection.execute("set local role huimin_owner")
            self._connection.execute("delete from ops.issue_event")
        for table in (f"raw.{self.report.report}", "quarantine.row", *_LEDGER):
            self._connection.execute(f"delete from {table}")

    def delete_decisions(self) -> None:
        """Empty the table of decisions, as only its owner can."""
        with self._connection.transaction():
            self._connection.execute("set local role huimin_owner")
            self._connection.execute("truncate ops.decision")

    def current_by_content(self) -> set[tuple[str, str, int, int]]:
        """(document, code, amount, row) of each current row."""
        return self._by_content(
            f"""
            select {IDENTITY}, r.code, r.amount, r._row
            from raw.{self.report.report} as r
            join ops.submission as s on s.submission_id = r._submission_id
            where r._superseded_at is null
            """
        )

    def quarantined_by_content(self) -> set[tuple[str, int]]:
        """(document, row) of each row that is held back now."""
        return self._by_content(
            f"select {IDENTITY}, q.row_number from quarantine.row q join ops.submission s using (submission_id) "
            "where q.state in ('open', 'notified') and s.state in ('accepted', 'accepted_with_rejects')"
        )

    def _by_content(self, text: str) -> set[tuple[Any, ...]]:
        rows = self.query(text)
        assert len(rows) == len(set(rows)), "a row is there twice"
        found = {(f"{identity.rpartition('/')[0]}/{self._contents(identity)}", *others) for identity, *others in rows}
        assert len(rows) == len(found), "a row is there twice, in two documents"
        return found

    def _contents(self, identity: str) -> str:
        document = self._by_sha[identity.rpartition("/")[2]]
        return str((document.rows, document.wrong))

    def accept(self, choose: Callable[[str, str], bool]) -> set[tuple[str, str]]:
        """Confirm the held documents (place, bytes) that `choose` takes."""
        accepted = set()
        for row in self.warehouse.held_documents():
            sha256 = str(self.query("select sha256 from ops.submission where submission_id = %s", row["submission_id"])[0][0])
            if choose(row["file"], sha256):
                with suppress(CannotBeAccepted), self.warehouse.accepting(self.report, row["submission_id"], "asked", "me"):
                    accepted.add((row["file"], sha256))
        return accepted

    def withdraw(self, submission_id: int) -> CurrencyChange:
        """A person takes a document out; what must be validated because of it waits to be loaded."""
        with self.warehouse.withdrawing(self.report, submission_id, "wrong", "me") as (_, change):
            return change

    def reinstate(self, submission_id: int) -> CurrencyChange:
        """A person puts a document back; it waits to be loaded."""
        with self.warehouse.reinstating(self.report, submission_id, "right after all", "me") as (_, change):
            return change

    def last_submissions(self) -> list[tuple[int, str, str | None]]:
        """(number, state, reason) of the last submission of each document (place and bytes)."""
        return self.query(
            "select distinct on (source_uri, sha256) submission_id, state, state_reason from ops.submission "
            "order by source_uri, sha256, submission_id desc"
        )

    def rebuild(self) -> None:
        """Empty the warehouse, and write it again from the records of arrivals and decisions that the landing has."""
        records = self.warehouse.records()
        self.delete_decisions()
        self.delete_all()
        pull = self.warehouse.open_pull(self.report, None, None)
        for arrival in sorted((one for one in records if isinstance(one, Arrival)), key=lambda one: one.arrived_at):
            found = RemoteDocument(arrival.report, arrival.uri, arrival.modified_at, 100, arrival.unit, arrival.period)
            landed = LandedFile(arrival.sha256, Path("/nowhere"), arrival.byte_size)
            with self.warehouse.registering(pull, found, landed, self.report, arrival):
                pass
        decided = [one for one in records if isinstance(one, Decision)]
        for decision in sorted(decided, key=lambda one: str(one.at)):
            self.warehouse.restore_decision(self.report, decision)
        self.warehouse.close_pull(self.report, pull)
        self.load()

    def query(self, text: str, *parameters: object) -> list[tuple[Any, ...]]:
        return self._connection.execute(text, parameters or None).fetchall()

    def current(self) -> set[tuple[str, str, int, int]]:
        """(uri, code, amount, row) of each current row."""
        rows = self.query(
            f"""
            select s.source_uri, r.code, r.amount, r._row
            from raw.{self.report.report} as r
            join ops.submission as s on s.submission_id = r._submission_id
            where r._superseded_at is null
            """
        )
        assert len(rows) == len(set(rows)), "a row is current twice"
        return set(rows)

    def states(self) -> dict[str, str]:
        """The state of each document (place and bytes) by its last judgement."""
        rows = self.query(
            "select distinct on (source_uri, sha256) source_uri, state from ops.submission "
            "order by source_uri, sha256, submission_id desc"
        )
        return dict(rows)

    def quarantined(self) -> set[tuple[str, int]]:
        """(uri, row) of each row that is held back now."""
        return set(
            self.query(
                "select s.source_uri, q.row_number from quarantine.row q join ops.submission s using (submission_id) "
                "where q.state in ('open', 'notified') and s.state in ('accepted', 'accepted_with_rejects')"
            )
        )

    def check_account(self) -> None:
        """Every row of every document has exactly one fate, by the view and by looking into the tables one by one."""
        assert [row for row in self.warehouse.account() if row["difference"] != 0] == []
        unequal = self.query(
            f"""
            with fates as (
                select _submission_id as id, _sheet as sheet, _row as row_number from raw.{self.report.report}
                where _superseded_by is distinct from _submission_id
                union all
                select submission_id, sheet, row_number from quarantine.row where state <> 'released'
            ),
            counted as (
                select s.submission_id, s.state, s.rows_total, s.rows_loaded, s.rows_quarantined, s.rows_furniture,
                    count(f.id) as fates, count(distinct (f.sheet, f.row_number)) filter (where f.id is not null) as places
                from ops.submission as s left join fates as f on f.id = s.submission_id
                where s.state in ('accepted', 'accepted_with_rejects', 'superseded', 'withdrawn')
                group by s.submission_id
            )
            select * from counted where fates <> places or fates + rows_furniture <> rows_total
                or rows_loaded + rows_quarantined <> fates
            """
        )
        assert unequal == []
        stale = self.query(
            f"""
            select s.submission_id, s.state from ops.submission as s
            where s.state not in ('accepted', 'accepted_with_rejects')
              and exists (
                  select from raw.{self.report.report} as r
                  where r._submission_id = s.submission_id and r._superseded_at is null
              )
            """
        )
        assert stale == [], "a submission that does not speak has current rows"


def read(report: Report, document: Document) -> Reading:
    """What a reader would find: a header and a row for each row, right or wrong."""
    codes = [code for _, code, _ in document.places()] + list(document.wrong)
    amounts = [str(amount) for _, _, amount in document.places()] + ["x"] * len(document.wrong)
    numbers = range(2, 2 + len(codes))
    names = [column.name for column in report.columns]
    values = {"code": codes, "amount": amounts}
    columns = [pa.array(values.get(name, [None] * len(codes)), pa.string()) for name in names]
    rows = pa.table(
        [pa.array([SHEET] * len(codes), pa.string()), pa.array(numbers, pa.int32()), *columns], names=["_sheet", "_row", *names]
    )
    return Reading(rows, len(codes) + 1, {"header": 1}, revision_number=document.mark, stamped_on=document.stamped_on)


def validate(report: Report, document: Document) -> ValidationResult:
    """What validation would decide."""
    place = [pa.field("_sheet", pa.string()), pa.field("_row", pa.int32()), pa.field(TEXTS, pa.string())]
    schema = pa.schema([*raw_schema(report), *place])
    accepted = [{"code": code, "amount": amount, "_sheet": SHEET, "_row": row} for row, code, amount in document.places()]
    first = 2 + len(document.rows)
    rejected = [
        {"_sheet": SHEET, "_row": row, "record": json.dumps({"code": code, "amount": "x", "note": None})}
        for row, code in enumerate(document.wrong, start=first)
    ]
    issues = [
        Issue("type", Severity.ERROR, "应为整数", "expected a whole number", SHEET, row["_row"], "amount", found="x")
        for row in rejected
    ]
    rejects = pa.schema([pa.field("_sheet", pa.string()), pa.field("_row", pa.int32()), pa.field("record", pa.string())])
    return ValidationResult(
        pa.Table.from_pylist([dict.fromkeys(schema.names) | row for row in accepted], schema),
        pa.Table.from_pylist(rejected, rejects),
        tuple(issues),
    )


def months(count: int) -> Sequence[str]:
    return [f"2023-{month:02d}" for month in range(1, count + 1)]
