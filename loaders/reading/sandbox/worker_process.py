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

from loaders.model import Issue
from loaders.reading.model.refusals import limit_exceeded, reader_interrupted
from loaders.reading.model.requests import ReadRequest, Request
from loaders.reading.model.row_schema import rows_schema
from loaders.reading.model.row_spool import map_file, table_in
from loaders.reading.sandbox import protocol
from loaders.settings import PROJECT_ROOT, ReadingLimits

_START_SECONDS = 60
_WALL_SECONDS_PER_CPU_SECOND = 4
_log = logging.getLogger(__name__)

NOT_ACCEPTED = object()
INTERRUPTED = object()

# What a machine or a person sends to a process that does nothing wrong: the out-of-memory killer, a shutdown, `kill`. A parser
# that crashes ends otherwise (SIGSEGV, SIGABRT), and a limit of our own as an answer or by SIGXCPU.
_EXTERNAL_SIGNALS = {-signal.SIGKILL, -signal.SIGTERM, -signal.SIGHUP, -signal.SIGINT, -signal.SIGQUIT}

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


class WorkerProcess:
    """A child that reads one document at a time.

    It says that it has started, then for each request that it has taken it, then the answer. `work` is the request that it was
    asked for last, with its number; past `deadline` (of the monotonic clock) it has overstayed.
    """

    def __init__(self, limits: ReadingLimits) -> None:
        self._limits = limits
        self.channel, worker_end = socket.socketpair()
        arguments = [str(number) for number in (limits.memory_mb, limits.cpu_seconds, os.getpid())]
        with worker_end:
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "loaders.reading.sandbox.worker", *arguments],
                    stdin=worker_end.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd="/",
                    env=_ENVIRONMENT,
                )
            except OSError as error:
                self.channel.close()
                raise ReaderUnavailable(f"no reading process could be started: {error}") from error
        self._has_started = False
        self._has_accepted = False
        self.work: tuple[int, Request]
        self.deadline = 0.0
        self.is_usable = True

    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def submit(self, number: int, request: Request) -> None:
        """Send a request. That the process is gone already is noticed when it is listened to."""
        self.work = number, request
        self._has_accepted = False
        seconds = self._limits.cpu_seconds * _WALL_SECONDS_PER_CPU_SECOND + (0 if self._has_started else _START_SECONDS)
        self.deadline = time.monotonic() + seconds
        self.channel.settimeout(seconds)
        with contextlib.suppress(OSError):
            # The child has a working directory of its own.
            protocol.send(self.channel, replace(request, path=request.path.absolute()))

    def poll(self) -> Any:
        """Take what the process says next, or what its silence means.

        Returns:
            The requested value, or the issue in its place; `NOT_ACCEPTED` when the process died before it accepted the
            request, `INTERRUPTED` when another process ended it at work or at its start; None while it is still at work.

        Raises:
            ReaderUnavailable: the process did not even start.
        """
        self.channel.settimeout(max(0.01, self.deadline - time.monotonic()))
        try:
            message, descriptor = protocol.receive(self.channel)
        except (EOFError, OSError) as error:
            self.is_usable = False
            return self._on_disconnect(error)
        if message is protocol.WorkerStatus.STARTED:
            self._has_started = True
        elif message is protocol.WorkerStatus.ACCEPTED:
            self._has_accepted = True
        else:
            return self._outcome_of(message, descriptor)
        return None

    def stop(self, *, timeout: float = 0.0) -> None:
        """Let the process go, and kill it when it has not gone after so many seconds."""
        self.channel.close()
        if timeout:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=timeout)
        self._process.kill()
        self._process.wait()

    def _outcome_of(self, response: protocol.Response, descriptor: int | None) -> Any:
        _, request = self.work
        self.is_usable = not response.is_final
        if response.traceback_text:
            _log.error("the reader failed on %s:\n%s", request.path, response.traceback_text)
        return response.issue if response.issue is not None else _with_file(request, response.value, descriptor)

    def _on_disconnect(self, error: Exception) -> Any:
        self.stop(timeout=0.0 if isinstance(error, TimeoutError) else 2.0)
        code = self._process.returncode
        if not self._has_started and code in _EXTERNAL_SIGNALS:
            return INTERRUPTED
        if not self._has_started:
            raise ReaderUnavailable(
                f"the reading process did not start (exit code {code}): "
                f"run `{sys.executable} -m loaders.reading.sandbox.worker 512 30 0` in {PROJECT_ROOT} to see why"
            ) from error
        if isinstance(error, TimeoutError) or code == -signal.SIGXCPU:
            return limit_exceeded("用时过长", "it took more time than one document may").issue
        if not self._has_accepted:
            return NOT_ACCEPTED
        return INTERRUPTED if code in _EXTERNAL_SIGNALS else _crash_issue(code)


def interrupted_twice() -> Issue:
    """The issue of a document whose reader was ended from outside, and again when it was read alone."""
    return reader_interrupted().issue


def _crash_issue(code: int | None) -> Issue:
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
