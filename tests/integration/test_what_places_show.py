"""What a place showed last is current, whatever its time says; between places, the later time, but none from the future."""

import itertools
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from demo.embedded_postgres import EmbeddedPostgres
from loaders import pipeline
from loaders.settings import Settings
from tests.integration.conftest import fresh_database
from tests.support.warehouse.file_drop import check_account, put, query, visits

pytestmark = pytest.mark.integration
PERSONS = {"A": 2, "B": 3, "C": 4}
PLACE, OTHER, THIRD = "记录", "记录_乙", "记录_丙"


@dataclass(frozen=True)
class Month:
    """One county's visits of one month: no other test of this file looks at them."""

    settings: Settings
    number: int

    @property
    def period(self) -> str:
        return f"{2023 + self.number // 12}-{self.number % 12 + 1:02}"

    def content(self, document: str) -> bytes:
        codes = range(self.number * 10, self.number * 10 + 5)
        return visits(codes, day=f"{self.period}-01", persons=PERSONS[document])

    def put(self, name: str, document: str, hours_ago: float) -> Path:
        return put(self.settings, f"home_visit/{self.period}/441302_{name}.csv", self.content(document), hours_ago=hours_ago)

    def load(self, *, again: bool = False) -> None:
        for batch in pipeline.extract("home_visit", self.settings, periods=[self.period] if again else [], again=again):
            pipeline.load_batch("home_visit", batch, self.settings)

    def show(self, *arrivals: tuple[str, str, float]) -> str:
        """What is current after each of these (name, document, hours ago) was put in its place and loaded."""
        for arrival in arrivals:
            self.put(*arrival)
            self.load()
        return self.current()

    def current(self) -> str:
        """The document whose rows are current."""
        check_account(self.settings)
        ((persons, rows),) = query(
            self.settings,
            "select visit_persons, count(*) from raw.home_visit "
            "where _superseded_at is null and to_char(visited_date, 'YYYY-MM') = %s group by 1",
            self.period,
        )
        assert rows == 5
        return {number: document for document, number in PERSONS.items()}[persons]

    def states(self) -> list[str]:
        found = "select state from ops.submission where period = %s order by submission_id"
        return [state for (state,) in query(self.settings, found, self.period)]


@pytest.fixture(scope="module")
def shared_settings(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("places")
    (folder / "drop" / "home_visit").mkdir(parents=True)
    connections = {"social_work_sftp": f"file://{folder / 'drop'}"}
    url = postgres.url(fresh_database(postgres))
    return Settings(home=folder / "home", warehouse_url=url, pii_key=b"k" * 48, connections=connections)


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    return itertools.count(1)


@pytest.fixture
def month(shared_settings: Settings, numbers: Iterator[int]) -> Month:
    return Month(shared_settings, next(numbers))


def test_a_file_put_in_place_of_another_under_an_older_time_is_current(month: Month) -> None:
    assert month.show((PLACE, "A", 50), (PLACE, "B", 5_000)) == "B"


def test_what_keeps_its_time_when_it_is_copied_is_current(month: Month, tmp_path: Path) -> None:
    """As cp -p, unzip and rsync -t do."""
    place = month.put(PLACE, "B", 9_000)
    kept = shutil.copy2(place, tmp_path / "kept.csv")
    assert month.show((PLACE, "A", 50)) == "A"
    shutil.copy2(kept, place)
    month.load()
    assert month.current() == "B"


@pytest.mark.parametrize("future", [-1, -26, -24 * 400], ids=["an hour", "a day", "a year"])
def test_a_time_in_the_future_does_not_win_over_what_comes_later(month: Month, future: float) -> None:
    for name, document, hours_ago in ((PLACE, "A", future), (OTHER, "B", 30)):
        month.put(name, document, hours_ago)
        month.load()
        # What may still be being written by its time waits; what a look remembers is set back instead of waiting here.
        with psycopg.connect(month.settings.warehouse_url) as connection:
            connection.execute("update ops.waiting_file set first_seen_at = first_seen_at - interval '1 hour'")
        month.load()
    assert month.current() == "B"


def test_of_what_comes_at_once_a_time_in_the_future_does_not_win(month: Month) -> None:
    month.put(OTHER, "A", -24 * 400)
    month.put(PLACE, "B", 50)
    month.load()
    assert month.current() == "B"


def test_a_time_in_the_future_wins_over_what_was_there_before(month: Month) -> None:
    """It came later, and that is all that is known of it."""
    assert month.show((PLACE, "A", 30), (OTHER, "B", -24 * 400)) == "B"
    assert month.show((THIRD, "C", 20)) == "C"


def test_a_time_in_the_future_does_not_win_over_what_its_own_place_shows_later(month: Month) -> None:
    assert month.show((PLACE, "A", -24 * 400), (PLACE, "B", 50)) == "B"


def test_old_bytes_put_back_with_their_old_time_are_current_again(month: Month) -> None:
    assert month.show((PLACE, "A", 60), (PLACE, "B", 50), (PLACE, "A", 60)) == "A"
    assert month.show((PLACE, "B", 50)) == "B"
    assert len(month.states()) == 4


def test_old_bytes_sent_again_under_another_name_are_current_again(month: Month) -> None:
    assert month.show((PLACE, "A", 60), (OTHER, "B", 50), (THIRD, "A", 40)) == "A"


def test_old_bytes_sent_again_are_current_when_what_lies_between_comes_late(month: Month) -> None:
    assert month.show((PLACE, "A", 60), (THIRD, "A", 40), (OTHER, "B", 50)) == "B"
    month.load()
    assert month.current() == "A", "the repeat is judged by the next load, now that something came between"


def test_the_same_bytes_under_another_name_are_a_duplicate_as_before(month: Month) -> None:
    assert month.show((PLACE, "A", 60), (OTHER, "A", 50)) == "A"
    assert month.states() == ["accepted", "duplicate"]


def test_between_two_names_the_later_time_decides_whatever_came_first(month: Month) -> None:
    assert month.show((OTHER, "B", 50), (PLACE, "A", 60)) == "B"


def test_what_is_only_touched_is_no_new_arrival(month: Month) -> None:
    assert month.show((PLACE, "A", 60), (PLACE, "A", 50), (PLACE, "A", 55)) == "A"
    assert month.states() == ["accepted"]
    assert pipeline.extract("home_visit", month.settings) == []


def test_the_outcome_is_the_same_when_all_is_validated_again(month: Month) -> None:
    assert month.show((PLACE, "A", 50), (PLACE, "B", 5_000), (OTHER, "C", 100)) == "B"
    month.load(again=True)
    assert month.current() == "B"


def test_a_file_from_the_future_is_on_time_when_it_came_on_time(month: Month) -> None:
    today = Month(month.settings, (datetime.now(UTC).year - 2023) * 12 + datetime.now(UTC).month - 1)
    today.show((PLACE, "A", -24 * 400))
    assert query(month.settings, "select is_on_time from ops.submission where period = %s", today.period) == [(True,)]
