"""One reading process as its parent sees it: started, asked, listened to, and ended one way or another."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

from loaders.reading import wire
from loaders.reading.refusals import limit_exceeded, reader_interrupted
from loaders.reading.request import ReadRequest, Request
from loaders.reading.row_schema import rows_schema
from loaders.reading.spool import map_file, table_in
from loaders.settings import PROJECT_ROOT, ReadingLimits
from loaders.table import Issue

_START_SECONDS = 60
_WALL_SECONDS_PER_CPU_SECOND = 4
_log = logging.getLogger(__name__)

NOT_TAKEN = object()
INTERRUPTED = object()

# What a machine or a person sends to a process that does nothing wrong: the out-of-memory killer, a shutdown, `kill`. A parser
# that crashes ends otherwise (SIGSEGV, SIGABRT), and a limit of our own as an answer or by SIGXCPU.
_SENT_FROM_OUTSIDE = {-signal.SIGKILL, -signal.SIGTERM, -signal.SIGHUP, -signal.SIGINT, -signal.SIGQUIT}

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


class ReaderUnavailable(RuntimeError):
    """No reading process could be started: the machine or the installation is at fault, not a document."""


class ReadingProcess:
    """A child that reads one document at a time.

    It says that it has started, then for each request that it has taken it, then the answer. `work` is the request that it was
    asked for last, with its number; past `deadline` (of the monotonic clock) it has overstayed.
    """

    def __init__(self, limits: ReadingLimits) -> None:
        self._limits = limits
        self.channel, far_end = socket.socketpair()
        arguments = [str(number) for number in (limits.memory_mb, limits.cpu_seconds, os.getpid())]
        with far_end:
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "loaders.reading.child", *arguments],
                    stdin=far_end.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd="/",
                    env=_ENVIRONMENT,
                )
            except OSError as error:
                self.channel.close()
                raise ReaderUnavailable(f"no reading process could be started: {error}") from error
        self._has_started = False
        self._has_taken = False
        self.work: tuple[int, Request]
        self.deadline = 0.0
        self.is_usable = True

    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def ask(self, number: int, request: Request) -> None:
        """Send a request. That the process is gone already is noticed when it is listened to."""
        self.work = number, request
        self._has_taken = False
        seconds = self._limits.cpu_seconds * _WALL_SECONDS_PER_CPU_SECOND + (0 if self._has_started else _START_SECONDS)
        self.deadline = time.monotonic() + seconds
        self.channel.settimeout(seconds)
        with contextlib.suppress(OSError):
            # The child has a working directory of its own.
            wire.send(self.channel, replace(request, path=request.path.absolute()))

    def listen(self) -> Any:
        """Take what the process says next, or what its silence means.

        Returns:
            The value that was asked for, or the issue that took its place; `NOT_TAKEN` when the process died before it took the
            request, `INTERRUPTED` when somebody else ended it at work or at its start; None while it is still at work.

        Raises:
            ReaderUnavailable: the process did not even start.
        """
        self.channel.settimeout(max(0.01, self.deadline - time.monotonic()))
        try:
            said, descriptor = wire.receive(self.channel)
        except (EOFError, OSError) as error:
            self.is_usable = False
            return self._silence(error)
        if said is wire.Sign.STARTED:
            self._has_started = True
        elif said is wire.Sign.TAKEN:
            self._has_taken = True
        else:
            return self._outcome(said, descriptor)
        return None

    def end(self, *, patience: float = 0.0) -> None:
        """Let the process go, and kill it when it has not gone after so many seconds."""
        self.channel.close()
        if patience:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=patience)
        self._process.kill()
        self._process.wait()

    def _outcome(self, answer: wire.Answer, descriptor: int | None) -> Any:
        _, request = self.work
        self.is_usable = not answer.is_last
        if answer.trace:
            _log.error("the reader failed on %s:\n%s", request.path, answer.trace)
        return answer.issue if answer.issue is not None else _with_file(request, answer.value, descriptor)

    def _silence(self, error: Exception) -> Any:
        self.end(patience=0.0 if isinstance(error, TimeoutError) else 2.0)
        code = self._process.returncode
        if not self._has_started and code in _SENT_FROM_OUTSIDE:
            return INTERRUPTED
        if not self._has_started:
            raise ReaderUnavailable(
                f"the reading process did not start (exit code {code}): "
                f"run `{sys.executable} -m loaders.reading.child 512 30 0` in {PROJECT_ROOT} to see why"
            ) from error
        if isinstance(error, TimeoutError) or code == -signal.SIGXCPU:
            return limit_exceeded("用时过长", "it took more time than one document may").issue
        if not self._has_taken:
            return NOT_TAKEN
        return INTERRUPTED if code in _SENT_FROM_OUTSIDE else _died(code)


def interrupted_twice() -> Issue:
    """The issue of a document whose reader was ended from outside, and again when it was read alone."""
    return reader_interrupted().issue


def _died(code: int | None) -> Issue:
    cause_zh, cause_en = "占用内存过多或程序异常退出", f"its reader died (exit code {code}), most likely for lack of memory"
    return limit_exceeded(cause_zh, cause_en).issue


def _with_file(request: Request, value: Any, descriptor: int | None) -> Any:
    """The answer with what came in an open file: the rows of a reading, or all cells as JSON."""
    if descriptor is None:
        return value
    with os.fdopen(descriptor, "rb") as file:
        if isinstance(request, ReadRequest):
            mapped = map_file(file.fileno())
            return replace(value, rows=table_in(mapped, rows_schema(request.report)), mapped=mapped)
        file.seek(0)
        return file.read()
