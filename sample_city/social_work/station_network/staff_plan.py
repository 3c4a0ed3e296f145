"""The plan of the city's social workers: station, post, first and last day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loaders.period import Period
from sample_city.reference.people import Rng, draw_mobiles, draw_names, draw_resident_ids, stream
from sample_city.reference.timetable import FULL_SPAN
from sample_city.social_work.station_network.station_plan import Station

_CHANGING_SHARE = 0.3
_FEWEST_MONTHS = 4
_QUALIFICATIONS = ("助理社工师", "社工师", "高级社工师", "无")
_OFTEN = (0.42, 0.3, 0.03, 0.25)


@dataclass(frozen=True, slots=True)
class Post:
    """The time of one worker in a post at a station, both days included."""

    worker_code: str
    station_code: str
    title: str
    hired: dt.date
    left: dt.date | None

    def is_held_between(self, first: dt.date, last: dt.date) -> bool:
        """Decides whether the worker held the post from the first to the last day, both included."""
        return self.hired <= first and (self.left is None or self.left >= last)


@dataclass(frozen=True, slots=True)
class Worker:
    """A person in a post."""

    post: Post
    name: str
    resident_id: str
    phone: str
    qualification: str


def plan_staff(seed: int, stations: Sequence[Station]) -> tuple[Worker, ...]:
    """Plans a worker per post of each station. A worker who leaves at the end of a month has a successor on the next day."""
    rng = stream(seed, "social_worker", "plan")
    posts = [(station, post) for station in stations for post in _posts(rng, station)]
    names, phones = draw_names(rng, len(posts)), draw_mobiles(rng, len(posts))
    numbers = draw_resident_ids(rng, len(posts), (1968, 2000))
    skills = rng.choice(len(_QUALIFICATIONS), size=len(posts), p=_OFTEN).tolist()
    return tuple(
        Worker(
            post,
            station.head if post.title == "站长" else names[place],
            numbers[place],
            station.phone if post.title == "站长" else phones[place],
            _QUALIFICATIONS[skills[place]],
        )
        for place, (station, post) in enumerate(posts)
    )


def at_work(workers: Sequence[Worker]) -> Mapping[tuple[str, Period], list[str]]:
    """Returns the codes of the workers who were present on every day, by station and month."""
    present: dict[tuple[str, Period], list[str]] = {}
    months = [(month, month.start, month.end) for month in FULL_SPAN.months()]
    for post in (worker.post for worker in workers):
        for month, first, last in months:
            if post.is_held_between(first, last):
                present.setdefault((post.station_code, month), []).append(post.worker_code)
    return present


def _posts(rng: Rng, station: Station) -> list[Post]:
    """Draws the posts of a station. The head stays; some others leave once, and their successors have new numbers."""
    posts = []
    for number in range(station.workers):
        change = _month_of_change(rng, station) if number and rng.random() < _CHANGING_SHARE else None
        if change is None:
            posts.append((_title(station, number), station.opened, station.closed))
        else:
            posts.append((_title(station, number), station.opened, change.end))
            posts.append((_title(station, number), change.next().start, station.closed))
    return [
        Post(f"SG{station.code[2:]}{number:02d}", station.code, title, hired, left)
        for number, (title, hired, left) in enumerate(posts, start=1)
    ]


def _title(station: Station, number: int) -> str:
    if number == 0:
        return "站长"
    if station.village is not None:
        return "社工"
    return {1: "副站长", 6: "督导"}.get(number, "社工")


def _month_of_change(rng: Rng, station: Station) -> Period | None:
    """Draws a month that ends some time after the opening and before the station closes, or None."""
    last = station.closed or FULL_SPAN.last.end
    months = [month for month in FULL_SPAN.months() if month.start > station.opened and month.end < last][_FEWEST_MONTHS:]
    return months[int(rng.integers(len(months)))] if months else None
