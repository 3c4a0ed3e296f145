"""One thread watches over all deadlines: each is kept, in whatever order they come, and none is called that was met."""

import os
import threading
import time

from loaders.sources.watchdog import Watchdog, watching


def test_an_earlier_deadline_that_comes_later_is_kept() -> None:
    watchdog, first, second = Watchdog(), threading.Event(), threading.Event()
    with watchdog.watching(60, first.set), watchdog.watching(0.05, second.set):
        assert second.wait(5)
    assert not first.is_set()


def test_a_deadline_that_was_met_calls_nobody_and_the_next_is_kept() -> None:
    watchdog, met, missed = Watchdog(), threading.Event(), threading.Event()
    with watchdog.watching(0.1, met.set):
        pass
    with watchdog.watching(0.2, missed.set):
        assert missed.wait(5)
    assert not met.is_set()


def test_a_call_that_hangs_keeps_no_other_deadline() -> None:
    watchdog, hanging, second = Watchdog(), threading.Event(), threading.Event()
    with watchdog.watching(0.01, lambda: hanging.wait(30)), watchdog.watching(0.05, second.set):
        assert second.wait(5)
    hanging.set()


def test_thousands_of_deadlines_need_one_thread() -> None:
    watchdog = Watchdog()
    before = threading.active_count()
    for _ in range(2_000):
        with watchdog.watching(60, lambda: None):
            pass
    assert threading.active_count() <= before + 1


def test_a_forked_child_has_a_thread_of_its_own() -> None:
    with watching(60, lambda: None):
        pass
    child = os.fork()
    if child == 0:
        called = threading.Event()
        with watching(0.01, called.set):
            is_called = called.wait(5)
        os._exit(0 if is_called else 1)
    deadline = time.monotonic() + 20
    while (ended := os.waitpid(child, os.WNOHANG)) == (0, 0) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert ended[1] == 0
