"""A quarter of 437 stations in seven counties: on time, late, wrong, wrong twice, silent, declared; at the end all is put right.

What each mailbox must hold follows from a plain model of the script (`Expected`), which knows nothing of the ledger.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg
import pytest
import yaml

from loaders import pipeline
from loaders.operations import declaring
from tests.support.warehouse.world import World, running_world

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(1200)]

OWNER = "a@example.org"
COUNTIES = ("441302", "441303", "441322", "441323", "441324", "441371", "441372")
STATIONS = tuple(f"SZ{COUNTIES[number % 7]}{number:03d}" for number in range(437))
PERIODS = ("2023-04", "2023-05", "2023-06")
# By the Chinese calendar of 2023: people worked on 2023-05-06 and 2023-06-25, and not from 2023-06-22 to 2023-06-24. The report
# is due on the tenth, or the next working day. Days on which a step begins, and one on which the last documents come.
STEPS = {
    "2023-04": {"before": "2023-05-06", "due": "2023-05-10", "late": "2023-05-11", "county": "2023-05-17", "city": "2023-05-24"},
    "2023-05": {"before": "2023-06-07", "due": "2023-06-12", "late": "2023-06-13", "county": "2023-06-19", "city": "2023-06-28"},
    "2023-06": {"before": "2023-07-05", "due": "2023-07-10", "late": "2023-07-11", "county": "2023-07-17", "city": "2023-07-24"},
}
LAST_DAY = "2023-07-26"
DAYS = sorted({day for steps in STEPS.values() for day in steps.values()} | {LAST_DAY})
REMINDED = "【报送提醒】{}项报表待报送"
FEEDBACK, SETTLED = "【数据质量反馈】探访表 {}：{}个问题", "【数据质量反馈】探访表 {}：{}个问题已全部了结"
RIGHT, WRONG, STILL_WRONG, WRONG_ELSEWHERE = (
    (("x", 1), ("y", 2)),
    (("x", "许多"), ("y", 2)),
    (("x", "很多"), ("y", 2)),
    (("x", 1), ("y", "许多")),
)
# What a station does about a period: on the day of which step it sends what. `None` is a declaration that there is nothing.
Plan = tuple[tuple[str, tuple[tuple[str, object], ...] | None], ...]
PLANS: dict[str, Plan] = {
    "early": (("before", RIGHT),),
    "on the day": (("due", RIGHT),),
    "late": (("county", RIGHT),),
    "wrong once": (("before", WRONG), ("due", RIGHT)),
    "wrong twice": (("before", WRONG), ("due", STILL_WRONG), ("late", RIGHT)),
    "wrong in two places": (("due", WRONG), ("late", WRONG_ELSEWHERE), ("city", RIGHT)),
    "silent": (("last", RIGHT),),
    "declared": (("late", None),),
}
WEIGHTS = (50, 15, 8, 9, 6, 5, 4, 3)


def mailbox(station: str) -> str:
    return f"s{station}@station.gov.cn"


def county_mailbox(station: str) -> str:
    return f"c{station[2:8]}@mzj.gov.cn"


@dataclass
class Expected:
    """The model: what each address gets on a day, from what the stations do and have done."""

    plans: dict[tuple[str, str], Plan]
    received: set[tuple[str, str]] = field(default_factory=set)
    wrong_places: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    reported_places: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    reminded: set[tuple[str, str, str, str]] = field(default_factory=set)

    def documents(self, day: str) -> Iterator[tuple[str, str, tuple[tuple[str, object], ...] | None]]:
        """Yields station, period and rows of what is sent on a day."""
        for (station, period), plan in self.plans.items():
            for step, rows in plan:
                if (LAST_DAY if step == "last" else STEPS[period][step]) == day:
                    yield station, period, rows

    def mails(self, day: str) -> Counter[tuple[str, str]]:
        """Returns (address, subject) of all mails of a day, after its documents came."""
        new: dict[tuple[str, str], int] = {}
        settled: dict[tuple[str, str], int] = {}
        for station, period, rows in self.documents(day):
            key = (station, period)
            self.received.add(key)
            places = {code for code, amount in rows or () if not isinstance(amount, int)}
            if found := places - self.reported_places[key]:
                new[key] = len(found)
            if self.reported_places[key] and not places:
                settled[key] = len(self.reported_places[key])
            self.reported_places[key] |= places
        mails: Counter[tuple[str, str]] = Counter()
        for counts, subject in ((new, FEEDBACK), (settled, SETTLED)):
            for (station, period), count in counts.items():
                mails[mailbox(station), subject.format(period, count)] += 1
            for period in {period for _, period in counts}:
                total = sum(count for (_, other), count in counts.items() if other == period)
                mails[OWNER, subject.format(period, total)] += 1
        return mails + self._reminders(day)

    def _reminders(self, day: str) -> Counter[tuple[str, str]]:
        steps: Counter[str] = Counter()
        for station in STATIONS:
            for period in PERIODS:
                step = self._step(period, day)
                if step is None or (station, period) in self.received:
                    continue
                addresses = [mailbox(station)]
                addresses += [county_mailbox(station)] if step in {"county", "city"} else []
                addresses += [OWNER] if step == "city" else []
                for address in addresses:
                    key = (station, period, step, address)
                    if key not in self.reminded:
                        self.reminded.add(key)
                        steps[address] += 1
        return Counter({(address, REMINDED.format(count)): 1 for address, count in steps.items()})

    @staticmethod
    def _step(period: str, day: str) -> str | None:
        """The last step that has begun; between the reminder before the due day and that on it, the first one."""
        begun = [step for step, first in STEPS[period].items() if first <= day]
        return begun[-1] if begun else None


@pytest.fixture
def world(tmp_path: Path, warehouse_url: str) -> Iterator[World]:
    people = [
        {"level": "unit", "role": {"zh": "社工站", "en": "station"}, "units": [one], "addresses": {"mail": mailbox(one)}}
        for one in STATIONS
    ]
    people += [
        {
            "level": "county",
            "role": {"zh": "县局", "en": "county"},
            "units": [one for one in STATIONS if one[2:8] == county],
            "addresses": {"mail": f"c{county}@mzj.gov.cn"},
        }
        for county in COUNTIES
    ]
    with running_world(tmp_path / "world", warehouse_url) as running:
        path = tmp_path / "people.yml"
        path.write_text(yaml.safe_dump({"people": people}, allow_unicode=True), encoding="utf-8")
        running.settings = replace(running.settings, people=path)
        running.contract(
            units=list(STATIONS),
            unit_level="station",
            source={
                "kind": "file_drop",
                "connection": "drop",
                "folder": "visits",
                "pattern": r"(?P<period>\d{4}-\d{2})/(?P<unit>SZ\d{9})_[^/]*\.csv",
                "settle_seconds": 0.01,
            },
            first_period="2023-04",
            due_day=10,
            due_rule="next_working_day",
            replaces="period",
            reject_limit_pct=100,
        )
        yield running


def set_day(world: World, day: str) -> dt.date:
    with psycopg.connect(world.settings.warehouse_url, autocommit=True) as connection:
        connection.execute(f"alter database {connection.info.dbname} set huimin.today = '{day}'")
    return dt.date.fromisoformat(day)


def test_each_mailbox_holds_exactly_what_the_model_says_and_every_conversation_is_closed(world: World) -> None:
    rng = random.Random(20230401)
    plans = {(one, period): PLANS[rng.choices(list(PLANS), WEIGHTS)[0]] for one in STATIONS for period in PERIODS}
    assert set(map(id, plans.values())) == set(map(id, PLANS.values()))
    expected = Expected(plans)
    known: set[Path] = set()
    summaries = 0
    for day in DAYS:
        today = set_day(world, day)
        for station, period, rows in expected.documents(day):
            if rows is None:
                declaring.declare(world.settings, "visit", unit=station, period=period, why="本月未开展", by="王", revoke=False)
            else:
                # No two stations send the same bytes: one would be the other's duplicate.
                world.put(f"{period}/{station}_探访.csv", *((f"{station}-{period}-{code}", amount) for code, amount in rows))
        world.load()
        pipeline.notify_owners("visit", world.settings, day=today)
        pipeline.send_digests(world.settings, day=today)
        pipeline.chase(world.settings, day=today)
        letters = world.letters()
        new = Counter((str(letter["To"]), str(letter["Subject"])) for path, letter in letters.items() if path not in known)
        known |= set(letters)
        summary = [one for one in new if one[0] == OWNER and "周报" in one[1]]
        summaries += len(summary)
        for one in summary:
            del new[one]
        assert new == expected.mails(day), day
    # One a week at most, on the Mondays among the days.
    assert summaries <= sum(dt.date.fromisoformat(day).weekday() == 0 for day in DAYS)
    assert world.query("select count(*) from ops.conversation where closed_at is null") == [(0,)]
    assert world.query("select count(*) from ops.outbox_message where state <> 'sent'") == [(0,)]
    assert world.query("select count(*) from ops.issue_state where is_open") == [(0,)]
