"""Pool of worker processes with limits of memory and CPU time.

A document can crash its worker but not the pool: the document is refused, and a new worker reads the next one.
"""

from __future__ import annotations

import json
import logging
import os
import selectors
import time
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from loaders.model import Issue, Reading
from loaders.reading.model.containers import Unpacked, UnpackRequest
from loaders.reading.model.requests import (
    CellsRequest,
    Outline,
    OutlineRequest,
    ReadRequest,
    RecognitionResult,
    RecognizeRequest,
    Request,
)
from loaders.reading.model.row_schema import refused
from loaders.reading.sandbox.worker_process import INTERRUPTED, NOT_ACCEPTED, WorkerProcess, interrupted_twice
from loaders.settings import ReadingLimits

_MAX_PROCESSES = 2
# Starting a process costs as much time as reading this many bytes.
_BYTES_PER_PROCESS = 500_000
_SHUTDOWN_SECONDS = 2.0
# A process that documents left too much memory behind ends by itself. This is for what grows and is not memory.
_DOCUMENTS_PER_PROCESS = 4096
_log = logging.getLogger(__name__)


class ReaderPool:
    """Pool that reads documents in worker processes: at most `processes`, by default one per processor and at most two.

    Workers are bound to the thread that started them. Use a pool in the thread that opened it.
    """

    def __init__(self, limits: ReadingLimits, processes: int | None = None) -> None:
        self._limits = limits
        self._processes = processes or min(_MAX_PROCESSES, os.cpu_count() or 1)
        self._idle: list[WorkerProcess] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        while self._idle:
            self._idle.pop().stop(timeout=_SHUTDOWN_SECONDS)

    def start(self) -> None:
        """Starts the first worker now, so that it is ready for the first document."""
        if not self._idle:
            self._idle.append(WorkerProcess(self._limits))

    def read(self, request: ReadRequest) -> Reading:
        """Reads one document under its contract. A crash of the worker also yields a reading.

        Raises:
            ReaderUnavailable: no worker process could be started.
        """
        return self.read_many([request])[0]

    def read_many(self, requests: Sequence[ReadRequest]) -> list[Reading]:
        """Reads several documents and returns the readings in the same order.

        Raises:
            ReaderUnavailable: no worker process could be started.
            OSError: a file is missing or inaccessible, which is no error of the document.
        """
        return [
            outcome if isinstance(outcome, Reading) else refused(request.report, outcome)
            for request, outcome in zip(requests, self._perform(requests), strict=True)
        ]

    def cells(self, request: CellsRequest) -> bytes:
        """Returns every cell of a document as JSON, `{"sheets": […], "notes": […]}`, or a refusal, `{"refused": {…}}`."""
        outcome = self._perform([request])[0]
        if isinstance(outcome, Issue):
            refused = {"refused": {"reason": outcome.rule, "detail": outcome.message_en}}
            return json.dumps(refused, ensure_ascii=False).encode()
        cells: bytes = outcome
        return cells

    def outline(self, request: OutlineRequest) -> Outline | Issue:
        """Returns the outline of a document without a contract, or the issue that refuses it."""
        outcome: Outline | Issue = self._perform([request])[0]
        return outcome

    def unpack(self, request: UnpackRequest) -> Unpacked | Issue:
        """Unpacks a container into the request's folder, or returns the issue that ended it; then the folder may hold rests."""
        outcome: Unpacked | Issue = self._perform([request])[0]
        return outcome

    def recognize(self, requests: Sequence[RecognizeRequest]) -> list[RecognitionResult | Issue]:
        """Returns for each document the reports that its headers match, or the issue that refuses it."""
        return self._perform(requests)

    def _perform(self, requests: Sequence[Request]) -> list[Any]:
        """Returns the outcome of each request.

        A request whose worker was killed by another process is repeated once, alone, after all others. The memory shortage may be
        over by then, and one worker needs half the memory of two.
        """
        size = sum(request.path.stat().st_size for request in requests)
        outcomes: list[Any] = [None] * len(requests)
        max_processes = min(self._processes, len(requests), 1 + size // _BYTES_PER_PROCESS)
        self._run_all(deque(enumerate(requests)), max_processes, outcomes)
        for number in [number for number, outcome in enumerate(outcomes) if outcome is INTERRUPTED]:
            _log.warning("the reader of %s was ended from outside; it is read once more, alone", requests[number].path)
            self._run_all(deque([(number, requests[number])]), 1, outcomes)
        return [interrupted_twice() if outcome is INTERRUPTED else outcome for outcome in outcomes]

    def _run_all(self, waiting: deque[tuple[int, Request]], max_processes: int, outcomes: list[Any]) -> None:
        """Processes the waiting requests, `max_processes` at a time, and fills in their outcomes."""
        busy: list[WorkerProcess] = []
        try:
            while waiting or busy:
                while waiting and len(busy) < max_processes:
                    busy.append(self._take_idle() or WorkerProcess(self._limits))
                    busy[-1].submit(*waiting.popleft())
                for process in _wait_for_ready(busy):
                    outcome = process.poll()
                    if outcome is None:
                        continue
                    if outcome is NOT_ACCEPTED:
                        waiting.appendleft(process.work)
                    else:
                        outcomes[process.work[0]] = outcome
                    busy.remove(process)
                    self._release(process)
        finally:
            for process in busy:
                process.stop()

    def _release(self, process: WorkerProcess) -> None:
        if process.is_usable and process.submitted < _DOCUMENTS_PER_PROCESS:
            self._idle.append(process)
        else:
            process.stop()

    def _take_idle(self) -> WorkerProcess | None:
        while self._idle:
            process = self._idle.pop()
            if process.is_alive():
                return process
            process.stop()
        return None


def _wait_for_ready(processes: Sequence[WorkerProcess]) -> list[WorkerProcess]:
    """Waits until a worker has sent a message, exited or passed its deadline. Returns all such workers."""
    with selectors.DefaultSelector() as selector:
        for process in processes:
            selector.register(process.channel, selectors.EVENT_READ, process)
        timeout = max(0.0, min(process.deadline for process in processes) - time.monotonic())
        ready = [key.data for key, _ in selector.select(timeout)]
    return ready or [process for process in processes if process.deadline <= time.monotonic()]
