"""Prefetch makes one value ahead of its caller, and no more."""

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from loaders.concurrency.prefetch import prefetch


def test_one_value_is_made_while_the_last_is_used() -> None:
    made: list[int] = []
    has_made = {number: threading.Event() for number in range(5)}

    def numbers() -> Iterator[int]:
        for number in range(5):
            made.append(number)
            has_made[number].set()
            yield number

    with closing(prefetch(numbers())) as values:
        for value in values:
            if value < 4:
                assert has_made[value + 1].wait(10)
            assert made == list(range(min(value + 2, 5)))


def test_stages_in_a_row_work_at_the_same_time() -> None:
    """Each stage waits until the other is in the middle of its own work, which one after the other they would never be."""
    both = threading.Barrier(2, timeout=10)

    def first() -> Iterator[int]:
        for number in range(3):
            if number:
                both.wait()
            yield number

    def second(source: Iterator[int]) -> Iterator[int]:
        for number in source:
            if number < 2:
                both.wait()
            yield number

    assert list(prefetch(second(prefetch(first())))) == [0, 1, 2]


def test_an_error_comes_after_the_values_before_it() -> None:
    def numbers() -> Iterator[int]:
        yield 1
        raise OSError("gone")

    values = prefetch(numbers())
    assert next(values) == 1
    with pytest.raises(OSError, match="gone"):
        next(values)
