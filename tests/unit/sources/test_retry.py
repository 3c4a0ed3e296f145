import datetime as dt
import email.utils

import pytest

from loaders.sources import retry
from loaders.sources.deadline import abort_after
from loaders.sources.errors import SourceError, is_printable, printable
from loaders.sources.http.client import parse_retry_after
from loaders.sources.retry import TransientError, pause_before, with_retries


class Line:
    """Answers after some failures."""

    def __init__(self, failures: int, retry_after: float | None = None) -> None:
        self.failures = failures
        self.retry_after = retry_after
        self.asked = 0

    def ask(self) -> str:
        self.asked += 1
        if self.asked <= self.failures:
            raise TransientError("busy", self.retry_after)
        return "answer"


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    slept: list[float] = []
    monkeypatch.setattr(retry.time, "sleep", slept.append)
    return slept


def test_an_answer_ends_the_trying(pauses: list[float]) -> None:
    line = Line(failures=3)
    assert with_retries(line.ask) == "answer"
    assert line.asked == 4 and len(pauses) == 3


def test_the_last_failure_is_reported(pauses: list[float]) -> None:
    line = Line(failures=99)
    with pytest.raises(TransientError, match="busy"):
        with_retries(line.ask)
    assert line.asked == retry.TRIES and len(pauses) == retry.TRIES - 1


def test_pauses_grow_and_hold_some_chance() -> None:
    for number in range(1, 12):
        longest = min(0.5 * 2 ** (number - 1), 60.0)
        found = {pause_before(number, None) for _ in range(50)}
        assert len(found) > 10
        assert all(longest / 2 <= pause <= longest for pause in found)


def test_an_asked_pause_is_kept_to_the_second(pauses: list[float]) -> None:
    with_retries(Line(failures=2, retry_after=17.0).ask)
    assert pauses == [17.0, 17.0]


def test_a_longer_pause_than_a_run_can_wait_ends_the_trying(pauses: list[float]) -> None:
    line = Line(failures=2, retry_after=61.0)
    with pytest.raises(TransientError):
        with_retries(line.ask)
    assert line.asked == 1 and not pauses


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        (" 30 ", 30.0),
        ("120", 120.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("²", None),
    ],
)
def test_seconds_of_retry_after(header: str | None, seconds: float | None) -> None:
    assert parse_retry_after(header) == seconds


def test_a_date_of_retry_after() -> None:
    later = email.utils.format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=90), usegmt=True)
    asked = parse_retry_after(later)
    assert asked is not None and 85 < asked <= 90
    assert parse_retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
    assert parse_retry_after("Wed, 21 Oct 2015 07:28:00 -0000") == 0.0


def test_hanging_up_happens_late_and_only_then() -> None:
    import threading

    hung_up = threading.Event()
    with abort_after(5, hung_up.set):
        pass
    assert not hung_up.wait(0.05)
    with abort_after(0.02, hung_up.set):
        assert hung_up.wait(2)
    with abort_after(0.0, None):
        pass


def test_messages_hold_no_letters_that_cheat_a_log() -> None:
    message = str(SourceError("drop", "no file \n2023-01-01 ERROR forged\x1b[31m\u2028\udc80", next_step="look"))
    assert message.isprintable()
    assert "\\n2023" in message and "\\x1b" in message and "\\u2028" in message and "\\udc80" in message
    assert len(str(SourceError("drop", "x" * 10_000, next_step="look"))) < 1_100


def test_names_of_every_script_can_be_reported() -> None:
    for name in ("5月 走访.csv", "　全角　.csv", "emoji😀.csv", "ᠮᠣᠩᠭᠣᠯ.csv"):
        assert is_printable(name) and printable(name) == name
