"""Worker process as seen by its parent: start, submit, poll and stop."""

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

# Signals that the out-of-memory killer, a shutdown or a person sends to a correct process. A crash of a parser ends with SIGSEGV
# or SIGABRT, and a limit of our own with a response or with SIGXCPU.
_EXTERNAL_SIGNALS = {-signal.SIGKILL, -signal.SIGTERM, -signal.SIGHUP, -signal.SIGINT, -signal.SIGQUIT}

# A process that reads untrusted files inherits nothing of the parent's environment. One malloc arena and the system allocator,
# because arenas and pools reserve address space that they never use, and the limit counts it.
_ENVIRONMENT = {
    "PYTHONPATH": str(PROJECT_ROOT),
    "PYTHONUTF8": "1",
    "MALLOC_ARENA_MAX": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


class ReaderUnavailable(RuntimeError):
    """Error of the machine or the installation: no worker process could be started."""


class WorkerProcess:
    """Worker process that reads one document at a time.

    Protocol: STARTED once; then ACCEPTED and a response per request. `work` is the last submitted request with its number,
    `submitted` how many there were. `deadline` is its time limit on the monotonic clock.
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
        self.submitted = 0

    def is_alive(self) -> bool:
        """Checks whether the process is running."""
        return self._process.poll() is None

    def submit(self, number: int, request: Request) -> None:
        """Sends a request. If the process has exited already, the next `poll` reports it."""
        self.work = number, request
        self.submitted += 1
        self._has_accepted = False
        seconds = self._limits.cpu_seconds * _WALL_SECONDS_PER_CPU_SECOND + (0 if self._has_started else _START_SECONDS)
        self.deadline = time.monotonic() + seconds
        self.channel.settimeout(seconds)
        with contextlib.suppress(OSError):
            # The worker has a working directory of its own.
            protocol.send(self.channel, replace(request, path=request.path.absolute()))

    def poll(self) -> Any:
        """Receives the next message of the process, or interprets its exit or timeout.

        Returns:
            The requested value, or the issue in its place; `NOT_ACCEPTED` if the process died before it accepted the request;
                `INTERRUPTED` if another process killed it during work or startup; None while it is working.

        Raises:
            ReaderUnavailable: the process did not start.
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
        """Closes the channel and kills the process if it has not exited after `timeout` seconds."""
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
            return limit_exceeded("limit.time").issue
        if not self._has_accepted:
            return NOT_ACCEPTED
        return INTERRUPTED if code in _EXTERNAL_SIGNALS else _crash_issue(code)


def interrupted_twice() -> Issue:
    """Builds the issue of a document whose worker was killed by another process, and again when it was read alone."""
    return reader_interrupted().issue


def _crash_issue(code: int | None) -> Issue:
    return limit_exceeded("limit.crash", code=str(code)).issue


def _with_file(request: Request, value: Any, descriptor: int | None) -> Any:
    """Adds the content of an open file to a response: the rows of a reading, or all cells as JSON."""
    if descriptor is None:
        return value
    with os.fdopen(descriptor, "rb") as file:
        if isinstance(request, ReadRequest):
            mapped = map_file(file.fileno())
            return replace(value, rows=table_in(mapped, rows_schema(request.report)), mapped=mapped)
        file.seek(0)
        return file.read()
