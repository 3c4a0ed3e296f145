"""A pool of reading processes with limits. A document can end its process, never the pool: it is refused, and a new process
takes the next.
"""

from __future__ import annotations

import contextlib
import logging
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from loaders.reading import wire
from loaders.reading.refusals import Refusal, limit_exceeded
from loaders.reading.request import CellsRequest, ReadRequest, RecogniseRequest, Request
from loaders.reading.row_schema import refused, rows_schema
from loaders.reading.spool import table_in
from loaders.settings import PROJECT_ROOT, ReadingLimits
from loaders.table import Issue, Reading

_MOST_WORKERS = 2
_START_SECONDS = 60
_WALL_SECONDS_PER_CPU_SECOND = 4
_log = logging.getLogger(__name__)


class ReaderUnavailable(RuntimeError):
    """No reading process could be started: the machine or the installation is at fault, not a document."""


class ReaderPool:
    """Reads documents in child processes, as many at a time as there are processors (two at most).

    Children are tied to the thread that started them: use a pool where it was opened.
    """

    def __init__(self, limits: ReadingLimits) -> None:
        self._limits = limits
        self._idle: list[_Child] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        while self._idle:
            self._idle.pop().end()

    def start(self) -> None:
        """Start the first child now, so that it is ready when the first document comes."""
        if not self._idle:
            self._idle.append(_Child(self._limits))

    def read(self, request: ReadRequest) -> Reading:
        """Read one document under its contract; whatever it does to its reader, there is a reading."""
        return self.read_many([request])[0]

    def read_many(self, requests: Sequence[ReadRequest]) -> list[Reading]:
        """Read several documents, in their order."""
        return [
            outcome if isinstance(outcome, Reading) else refused(request.report, outcome)
            for request, outcome in zip(requests, self._perform(requests), strict=True)
        ]

    def cells(self, request: CellsRequest) -> dict[str, Any]:
        """Every cell of a document, or why it gives none."""
        outcome = self._perform([request])[0]
        if isinstance(outcome, Issue):
            return {"refused": {"reason": outcome.rule, "detail": outcome.message_en}}
        cells: dict[str, Any] = outcome
        return cells

    def recognise(self, request: RecogniseRequest) -> list[str]:
        """The names of the reports that a document's headers fit.

        Raises:
            Refusal: it gives no table under any contract.
        """
        outcome = self._perform([request])[0]
        if isinstance(outcome, Issue):
            raise Refusal(outcome)
        names: list[str] = outcome
        return names

    def _perform(self, requests: Sequence[Request]) -> list[Any]:
        outcomes: list[Any] = [None] * len(requests)
        waiting = deque(enumerate(requests))
        workers = min(_MOST_WORKERS, os.cpu_count() or 1, len(requests))
        with selectors.DefaultSelector() as selector, contextlib.ExitStack() as unfinished:
            busy = 0
            while waiting or busy:
                while waiting and busy < workers:
                    child = self._take_idle() or _Child(self._limits)
                    unfinished.callback(child.kill_if_busy)
                    number, request = waiting.popleft()
                    child.ask(number, request)
                    selector.register(child.channel, selectors.EVENT_READ, child)
                    busy += 1
                for child in self._ready(selector):
                    selector.unregister(child.channel)
                    busy -= 1
                    outcomes[child.number] = child.outcome()
                    if child.is_usable:
                        self._idle.append(child)
                    else:
                        child.end()
        return outcomes

    def _take_idle(self) -> _Child | None:
        while self._idle:
            child = self._idle.pop()
            if child.is_alive():
                return child
            child.end()
        return None

    def _ready(self, selector: selectors.BaseSelector) -> list[_Child]:
        """The children that have answered, died or overstayed."""
        children: list[_Child] = [key.data for key in selector.get_map().values()]
        patience = max(0.0, min(child.deadline for child in children) - time.monotonic())
        ready: list[_Child] = [key.data for key, _ in selector.select(patience)]
        return ready or [child for child in children if child.deadline <= time.monotonic()]


class _Child:
    """One reading process."""

    def __init__(self, limits: ReadingLimits) -> None:
        self._limits = limits
        self.channel, far_end = socket.socketpair()
        with far_end:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "loaders.reading.child", str(limits.memory_mb), str(limits.cpu_seconds), str(os.getpid())],
                stdin=far_end.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=_ENVIRONMENT,
            )
        self._is_started = False
        self._request: Request | None = None
        self.number = 0
        self.deadline = 0.0
        self.is_usable = True

    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def ask(self, number: int, request: Request) -> None:
        """Send a request. A child that is gone already is noticed when its outcome is asked for."""
        self.number = number
        self._request = request
        self.deadline = time.monotonic() + _START_SECONDS + self._limits.cpu_seconds * _WALL_SECONDS_PER_CPU_SECOND
        with contextlib.suppress(OSError):
            wire.send(self.channel, request)

    def outcome(self) -> Any:
        """The value that was asked for, or the issue that took its place.

        Raises:
            ReaderUnavailable: the process did not even start.
        """
        try:
            if not self._is_started:
                self._await_start()
            self.channel.settimeout(max(0.01, self.deadline - time.monotonic()))
            answer, descriptor = wire.receive(self.channel)
        except TimeoutError:
            self.is_usable = False
            return _took_too_long()
        except (EOFError, OSError):
            self.is_usable = False
            return self._cause_of_death()
        finally:
            request, self._request = self._request, None
        self.is_usable = not answer.is_last
        if answer.trace:
            _log.error("the reader failed on %s:\n%s", getattr(request, "path", "?"), answer.trace)
        if answer.issue is not None:
            return answer.issue
        return _with_rows(request, answer.value, descriptor)

    def _await_start(self) -> None:
        self.channel.settimeout(_START_SECONDS)
        try:
            wire.receive(self.channel)
        except (EOFError, OSError) as error:
            self.kill()
            raise ReaderUnavailable(
                f"the reading process did not start (exit code {self._process.returncode}): "
                f"run `{sys.executable} -m loaders.reading.child 512 30 0` in {PROJECT_ROOT} to see why"
            ) from error
        self._is_started = True

    def _cause_of_death(self) -> Issue:
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            code = 0
        if code == -signal.SIGXCPU:
            return _took_too_long()
        return limit_exceeded(
            "占用内存过多或程序异常退出", f"its reader died (exit code {code}), most likely for lack of memory"
        ).issue

    def kill_if_busy(self) -> None:
        """End the process when it still works for a pool that gave up."""
        if self._request is not None:
            self.kill()

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.wait()
        self.channel.close()

    def end(self) -> None:
        """Let an idle process go; one that does not go is killed."""
        self.channel.close()
        if not self.is_usable:
            self._process.kill()
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _with_rows(request: Request | None, value: Any, descriptor: int | None) -> Any:
    if descriptor is None:
        return value
    try:
        assert isinstance(request, ReadRequest)  # noqa: S101 - only a reading comes with a file
        return replace(value, rows=table_in(descriptor, rows_schema(request.report)))
    finally:
        os.close(descriptor)


def _took_too_long() -> Issue:
    return limit_exceeded("用时过长", "it took more time than one document may").issue


# Nothing of the parent's environment reaches a process that reads other people's files. One malloc arena and the system's
# allocator, because arenas and pools reserve address space that they never use, and the limit counts it.
_ENVIRONMENT = {
    "PYTHONPATH": str(PROJECT_ROOT),
    "PYTHONUTF8": "1",
    "MALLOC_ARENA_MAX": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
