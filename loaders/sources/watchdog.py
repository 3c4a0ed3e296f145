"""Calls that are made when a deadline passes. One thread watches over all: starting one costs more than most answers do."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager


class Watchdog:
    """Deadlines, and a thread that sleeps until the earliest of them. It starts with the first, and ends with the process."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._watched: dict[object, tuple[float, Callable[[], object]]] = {}
        self._wakes_at = 0.0
        self._has_thread = False

    @contextmanager
    def watching(self, seconds: float, late: Callable[[], object]) -> Iterator[None]:
        """Calls `late` in a thread of its own when the body takes longer than `seconds`."""
        mark = object()
        deadline = time.monotonic() + seconds
        with self._changed:
            self._watched[mark] = deadline, late
            if not self._has_thread:
                self._has_thread = True
                threading.Thread(target=self._watch, name="watchdog", daemon=True).start()
            elif deadline < self._wakes_at:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._watched.pop(mark, None)

    def _watch(self) -> None:
        with self._changed:
            while True:
                now = time.monotonic()
                for mark, (deadline, late) in list(self._watched.items()):
                    if deadline <= now:
                        del self._watched[mark]
                        # It may itself wait for the other side.
                        threading.Thread(target=late, daemon=True).start()
                self._wakes_at = min((deadline for deadline, _ in self._watched.values()), default=float("inf"))
                self._changed.wait(None if self._wakes_at == float("inf") else max(0.0, self._wakes_at - time.monotonic()))


class _Process:
    """The watchdog of this process; a forked child has a new one, since no thread goes with it."""

    watchdog = Watchdog()

    @classmethod
    def renew(cls) -> None:
        cls.watchdog = Watchdog()


os.register_at_fork(after_in_child=_Process.renew)


def watching(seconds: float, late: Callable[[], object]) -> AbstractContextManager[None]:
    """Calls `late` when the body takes longer than `seconds`."""
    return _Process.watchdog.watching(seconds, late)
