"""What somebody is told once besides the issues of rows: noted at each look, told once, told again when it is another matter."""

import pytest

from loaders.model import Notice
from loaders.outgoing_messages import Message
from loaders.warehouse import AlreadyNotified, Outbox, Warehouse

pytestmark = pytest.mark.integration

A, B = Notice("drop:/a.csv", "a cannot be read", "denied"), Notice("drop:/b.csv", "b cannot be read", "denied")
TOPIC = "fetch:station"


def tell(warehouse: Warehouse, topic: str = TOPIC) -> list[str]:
    """The keys of what is told now."""
    notices = warehouse.unnotified_notices(topic)
    if notices:
        warehouse.queue_notices(topic, notices, Message("a@b", "s", "t"), report="station")
    return [notice.key for notice in notices]


def test_each_is_reported_once_however_often_it_is_noted(warehouse_url: str) -> None:
    warehouse = Warehouse(warehouse_url)
    warehouse.sync_notices(TOPIC, [A])
    warehouse.sync_notices(TOPIC, [A, B])
    assert tell(warehouse) == [A.key, B.key]
    warehouse.sync_notices(TOPIC, [A, B])
    assert tell(Warehouse(warehouse_url)) == []


@pytest.mark.parametrize(
    ("then", "reported"),
    [
        ([A, B], []),
        ([B], []),
        ([Notice(A.key, "other words", "denied")], []),
        ([Notice(A.key, "gone", "missing")], [A.key]),
        ([Notice("drop:/A.csv", A.message, A.reason)], ["drop:/A.csv"]),
        ([Notice(A.key + "\0", A.message, A.reason)], [A.key + "␀"]),
        ([Notice("路径" * 5000, "long", "x" * 5000)], ["路径" * 5000]),
        ([A, Notice(A.key, "a second reason", "damaged")], [A.key]),
    ],
)
def test_another_reason_or_another_thing_is_another_matter(warehouse_url: str, then: list[Notice], reported: list[str]) -> None:
    warehouse = Warehouse(warehouse_url)
    warehouse.sync_notices(TOPIC, [A, B])
    tell(warehouse)
    warehouse.sync_notices(TOPIC, then)
    assert tell(warehouse) == reported
    warehouse.sync_notices(TOPIC, then)
    assert tell(warehouse) == []


def test_what_was_gone_and_came_back_is_reported_again_and_what_went_unreported_never(warehouse_url: str) -> None:
    warehouse = Warehouse(warehouse_url)
    warehouse.sync_notices(TOPIC, [A])
    tell(warehouse)
    warehouse.sync_notices(TOPIC, [B])
    warehouse.sync_notices(TOPIC, [A])
    assert tell(warehouse) == [A.key]


def test_what_was_not_looked_at_stays_as_it_is(warehouse_url: str) -> None:
    warehouse = Warehouse(warehouse_url)
    warehouse.sync_notices(TOPIC, [A, B])
    tell(warehouse)
    warehouse.sync_notices(TOPIC, [], checked=["drop:/c.csv"])
    warehouse.sync_notices(TOPIC, [A, B])
    assert tell(warehouse) == []
    warehouse.sync_notices(TOPIC, [], checked=[B.key])
    warehouse.sync_notices(TOPIC, [A, B])
    assert tell(warehouse) == [B.key]


def test_topics_know_nothing_of_each_other(warehouse_url: str) -> None:
    warehouse = Warehouse(warehouse_url)
    warehouse.sync_notices(TOPIC, [A])
    warehouse.sync_notices("fetch:home_visit", [A])
    warehouse.sync_notices("fetch:home_visit", [])
    assert (tell(warehouse), tell(warehouse, "fetch:home_visit")) == ([A.key], [])


def test_what_could_not_be_queued_stays_unreported_and_takes_its_newest_words(warehouse_url: str) -> None:
    warehouse = Warehouse(warehouse_url)
    warehouse.sync_notices(TOPIC, [A])
    with pytest.raises(AlreadyNotified):
        warehouse.queue_notices(TOPIC, [A, B], Message("a@b", "s", "t"))
    assert Outbox(warehouse_url).messages() == []
    warehouse.sync_notices(TOPIC, [Notice(A.key, "newest words", A.reason)])
    assert [notice.message for notice in warehouse.unnotified_notices(TOPIC)] == ["newest words"]


def test_two_runs_do_not_tell_the_same(warehouse_url: str) -> None:
    one, two = Warehouse(warehouse_url), Warehouse(warehouse_url)
    one.sync_notices(TOPIC, [A])
    seen = two.unnotified_notices(TOPIC)
    assert tell(one) == [A.key]
    with pytest.raises(AlreadyNotified):
        two.queue_notices(TOPIC, seen, Message("a@b", "s", "t"))
    assert len(Outbox(warehouse_url).messages()) == 1
