"""Small worlds made by hand: what may be shown, and what a reader who kept everything still cannot compute."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from loaders.disclosure import decision
from tests.support.disclosure.attack import Attack, Place, Seen, plain_kinds
from tests.support.disclosure.world import World

YEAR = ("y", "value", 0, 2)
MONTHS = [(f"m{month}", "value", month, month) for month in range(3)]
TO_DATE = [(f"m{month}", "to_date", 0, month) for month in range(3)]
COUNTY = {"t1": ("county",), "t2": ("county",), "t3": ("county",)}
People = dict[str, frozenset[Place]]


def people(prefix: str, counts: Mapping[Place, int]) -> People:
    return {
        f"{prefix}-{town}-{month}-{number}": frozenset({(town, month)})
        for (town, month), count in counts.items()
        for number in range(count)
    }


def found(world: World) -> list[object]:
    return world.attack(np.random.default_rng(1), 40)


def test_one_small_town_takes_another_with_it() -> None:
    world = World(COUNTY, [YEAR])
    shown = world.poll(people("p", {("t1", 0): 3, ("t2", 0): 40, ("t3", 0): 20}), 2)
    assert shown[("county", "y", "value")] == 63
    assert ("t1", "y", "value") not in shown and len(shown) == 2, "one of the large towns is shown, the other one is not"
    assert found(world) == []


def test_zeros_are_no_help_in_hiding() -> None:
    world = World(COUNTY, [YEAR])
    shown = world.poll(people("p", {("t1", 0): 3, ("t2", 0): 40}), 2)
    assert ("county", "y", "value") in shown and ("t2", "y", "value") not in shown
    assert found(world) == []


def test_towns_that_can_only_have_one_each_hide_their_county() -> None:
    towns = {f"t{number}": ("county",) for number in range(5)}
    world = World(towns, [YEAR])
    assert world.poll(people("p", {(town, 0): 1 for town in towns}), 2) == {}
    other = World(towns, [YEAR])
    assert other.poll(people("p", {(town, 0): 2 for town in towns}), 2) == {("county", "y", "value"): 10}
    assert found(other) == []


def test_a_small_month_takes_another_with_it() -> None:
    world = World({"t1": ()}, [YEAR, *MONTHS])
    shown = world.poll(people("p", {("t1", 0): 3, ("t1", 1): 40, ("t1", 2): 20}), 2)
    assert shown[("t1", "y", "value")] == 63 and len(shown) == 2
    assert found(world) == []


def test_numbers_to_date_are_as_far_apart_as_a_month() -> None:
    world = World({"t1": ()}, [*MONTHS, *TO_DATE])
    shown = world.poll(people("p", {("t1", 0): 30, ("t1", 1): 2, ("t1", 2): 25}), 2)
    assert ("t1", "m1", "value") not in shown
    assert not {("t1", "m0", "to_date"), ("t1", "m1", "to_date")} <= set(shown)
    assert found(world) == []


def test_persons_who_come_back_count_once_and_are_no_small_number() -> None:
    world = World({"t1": ()}, [YEAR, *MONTHS])
    twice = {f"both{number}": frozenset({("t1", 0), ("t1", 1)}) for number in range(2)}
    shown = world.poll(people("p", {("t1", 0): 20, ("t1", 1): 30, ("t1", 2): 25}) | twice, 2)
    assert shown[("t1", "y", "value")] == 77 and shown[("t1", "m0", "value")] == 22 and len(shown) == 4
    assert found(world) == []


def test_a_small_correction_hides_a_number_until_more_changed() -> None:
    world = World({"t1": ("county",), "t2": ("county",)}, [YEAR])
    first = people("p", {("t1", 0): 40, ("t2", 0): 30})
    assert len(world.poll(first, 2)) == 3
    one_more = first | people("late", {("t1", 1): 1})
    assert world.poll(one_more, 2) == {("t2", "y", "value"): 30}
    many_more = one_more | people("later", {("t1", 1): 9})
    assert world.poll(many_more, 2)[("t1", "y", "value")] == 50
    assert found(world) == []


def test_two_small_corrections_do_not_hide_each_other_in_their_sum() -> None:
    world = World({"t1": ("county",), "t2": ("county",)}, [YEAR])
    first = people("p", {("t1", 0): 40, ("t2", 0): 30})
    world.poll(first, 2)
    world.poll(first | people("late", {("t1", 1): 5, ("t2", 1): 1}), 2)
    assert found(world) == []


def test_a_person_in_exchange_for_another_is_seen_nowhere() -> None:
    world = World(COUNTY, [YEAR, *MONTHS])
    first = people("p", {("t1", 0): 40, ("t2", 0): 30, ("t2", 1): 30, ("t3", 2): 25})
    world.poll(first, 2)
    moved = {key: places for key, places in first.items() if key != "p-t2-0-0"} | {"q": frozenset({("t2", 1)})}
    world.poll(moved, 2)
    assert found(world) == []


def test_a_corrected_key_changes_nothing() -> None:
    world = World(COUNTY, [YEAR])
    first = people("p", {("t1", 0): 40, ("t2", 0): 30, ("t3", 0): 25})
    before = world.poll(first, 2)
    renamed = {key if key != "p-t1-0-0" else "right": places for key, places in first.items()}
    assert world.poll(renamed, 2) == before
    assert len([span for span in world.spans if span.opened > 1]) == 0


def test_the_other_hierarchy_is_no_way_round() -> None:
    above = {"t1": ("a", "a@then"), "t2": ("a", "a@then"), "t3": ("a", "b@then"), "t4": ("b", "b@then")}
    world = World(above, [YEAR])
    shown = world.poll(people("p", {("t1", 0): 40, ("t2", 0): 30, ("t3", 0): 3, ("t4", 0): 25}), 2)
    assert shown
    assert found(world) == []


def test_what_is_too_large_is_not_shown_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(COUNTY, [YEAR])
    first = people("p", {("t1", 0): 40, ("t2", 0): 30, ("t3", 0): 25})
    assert len(world.poll(first, 2)) == 4
    monkeypatch.setattr(decision, "MOST_ROWS", 3)
    assert world.poll(first | people("more", {("t1", 1): 50}), 2) == {("t2", "y", "value"): 30, ("t3", "y", "value"): 25}


def test_the_former_rule_falls_to_the_same_attack() -> None:
    """Each cell by itself: 1 to 4 are hidden, all else is shown."""
    world = World(COUNTY, [YEAR])
    persons = people("p", {("t1", 0): 3, ("t2", 0): 40, ("t3", 0): 20})
    world.poll(persons, 2)
    numbers = {"t1": None, "t2": 40, "t3": 20, "county": 63}
    seen = [Seen(0, area, 0, 2, number) for area, number in numbers.items()]
    attack = Attack(world.towns_of, [*plain_kinds(["t1", "t2", "t3"], range(3), 1), *world.histories()], seen)
    (hit,) = attack.find([("cell", seen[0], None)], world.histories())
    assert (hit.truth, round(hit.low), round(hit.high)) == (3, 3, 3)
