"""Calls that nothing can abort are left to themselves."""

import threading
import time

import pytest

from loaders.sources.deadline import call_within


def test_a_call_that_takes_too_long_is_left() -> None:
    ended = threading.Event()
    began = time.monotonic()
    with pytest.raises(TimeoutError, match=r"no answer within 0.1 s"):
        call_within(0.1, lambda: ended.wait(30))
    assert time.monotonic() - began < 5
    ended.set()


def test_results_and_errors_come_as_they_are() -> None:
    assert call_within(30, lambda: None) is None
    assert call_within(30, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        call_within(30, lambda: 1 // 0)
