"""Releases: their digests do not depend on order or writing, and every change of what is frozen breaks the chain."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.operations.releases.scope import is_published_with, scope_of
from loaders.period import Period
from loaders.release import (
    BackingSubmission,
    Release,
    ReleasedValue,
    chain_errors,
    release_hash,
    submissions_digest,
    values_digest,
)

VALUES = [
    ReleasedValue("SW01", area, "2023-12", Decimal(number), Decimal(number), Decimal("7.50"), None, None)
    for area, number in (("441302", "3"), ("441303", "4.25"))
]
SUBMISSIONS = [BackingSubmission(1, "home_visit", "441302", "2023-12", "sftp:a.csv", "a" * 64)]
NUMBERS = st.one_of(st.none(), st.decimals(-(10**9), 10**9, places=6))


def chain(
    length: int,
) -> tuple[list[Release], dict[int, str], dict[int, list[ReleasedValue]], dict[int, list[BackingSubmission]]]:
    releases: list[Release] = []
    for number in range(1, length + 1):
        releases.append(
            Release(
                release_number=number,
                period_code="2023-12",
                released_at=dt.datetime(2024, 1, number, tzinfo=dt.UTC),
                approved_by="王",
                reason="同意",
                git_revision="f00",
                models_digest="m",
                contracts_digest="c",
                values_digest=values_digest(VALUES),
                submissions_digest=submissions_digest(SUBMISSIONS),
                previous_hash=release_hash(releases[-1]) if releases else "",
            )
        )
    numbers = range(1, length + 1)
    hashes = {one.release_number: release_hash(one) for one in releases}
    return releases, hashes, {number: list(VALUES) for number in numbers}, {number: list(SUBMISSIONS) for number in numbers}


def test_an_untouched_chain_has_no_error() -> None:
    assert list(chain_errors(*chain(3))) == []
    assert list(chain_errors([], {}, {}, {})) == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda r, h, v, s: v[2].__setitem__(0, replace(v[2][0], value=Decimal("3.000001"))), "release 2: its values"),
        (lambda r, h, v, s: v[2].pop(), "release 2: its values"),
        (lambda r, h, v, s: s[1].__setitem__(0, replace(s[1][0], sha256="b" * 64)), "release 1: its list of submissions"),
        (lambda r, h, v, s: r.__setitem__(1, replace(r[1], approved_by="李")), "release 2: its header"),
        (lambda r, h, v, s: r.__setitem__(1, replace(r[1], reason="不同意")), "release 3: it does not follow"),
        (lambda r, h, v, s: r.pop(1), "release 2: it is missing"),
        (lambda r, h, v, s: h.__setitem__(3, "0" * 64), "release 3: its header"),
    ],
)
def test_whoever_changes_something_is_found(change: Callable[..., object], named: str) -> None:
    parts = chain(3)
    change(*parts)
    assert any(str(error).startswith(named) for error in chain_errors(*parts))


def test_a_header_and_its_hash_that_are_both_rewritten_break_the_next_release() -> None:
    releases, hashes, values, submissions = chain(3)
    releases[1] = replace(releases[1], approved_by="李")
    hashes[2] = release_hash(releases[1])
    assert list(map(str, chain_errors(releases, hashes, values, submissions))) == [
        "release 3: it does not follow the release before it, which was changed or replaced"
    ]


@given(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=8), st.randoms())
def test_order_and_trailing_zeros_do_not_matter_and_any_number_does(
    numbers: list[tuple[Decimal | None, ...]], chance: random.Random
) -> None:
    values = [ReleasedValue("I", str(place), "2023", one, two, None, None, None) for place, (one, two) in enumerate(numbers)]
    padded = [replace(value, value=None if value.value is None else value.value + Decimal("0.000000000")) for value in values]
    chance.shuffle(padded)
    assert values_digest(padded) == values_digest(values)
    if values:
        other = (values[0].value or Decimal(0)) + Decimal("0.000001")
        assert values_digest([replace(values[0], value=other), *values[1:]]) != values_digest(values)


def test_the_build_is_part_of_the_hash_where_it_was_kept() -> None:
    """The first hash is that of a release from before its build and the time of its decision were kept."""
    release = chain(1)[0][0]
    assert release_hash(release) == "4353ea0975ca32a5fc663eb4426842e0e71c7b801183723a24ab52127bf826b1"
    decided = replace(release, decided_at=release.released_at, decided_in="huimin release")
    hashes = {release_hash(replace(decided, build_id=build_id)) for build_id in (None, 0, 1, 11)}
    assert len(hashes) == 4


def test_null_and_zero_differ() -> None:
    one = VALUES[0]
    assert values_digest([replace(one, value=None)]) != values_digest([replace(one, value=Decimal(0))])
    assert values_digest([replace(one, value=Decimal("-0"))]) == values_digest([replace(one, value=Decimal("0.00"))])


@pytest.mark.parametrize(
    ("period", "released", "is_published"),
    [
        ("2023-12", "2023-12", True),
        ("2023Q4", "2023-12", True),
        ("2023", "2023-12", True),
        ("2023", "2023-11", False),
        ("2023-11", "2023-12", False),
        ("2023-11", "2023Q4", True),
        ("2023-05", "2023", True),
        ("2023H1", "2023Q2", True),
        ("2024-01", "2023", False),
    ],
)
def test_a_release_publishes_its_parts_and_what_ends_with_it(period: str, released: str, is_published: bool) -> None:
    assert is_published_with(Period.parse(period), Period.parse(released)) is is_published


def test_the_scope_is_what_is_new_changed_or_gone() -> None:
    same, changed = VALUES
    gone = replace(same, area_code="441399")
    new = replace(same, period_code="2024-01")
    now = replace(changed, ytd=Decimal(5))
    scope = scope_of([same, now, new], {one.key: one for one in (same, changed, gone)})
    assert scope.added == [new]
    assert scope.restated == [(changed, now), (gone, replace(gone, value=None, ytd=None, to_date=None))]
    assert scope.values == [new, now, scope.restated[1][1]]


def test_a_value_that_is_gone_and_released_as_null_is_not_restated_again() -> None:
    null = replace(VALUES[0], value=None, ytd=None, to_date=None)
    assert scope_of([], {null.key: null}).values == []
