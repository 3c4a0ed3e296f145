"""A pool of reading processes with limits. A document can end its process, never the pool: it is refused, and a new process
takes the next.
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

from loaders.reading.reading_process import INTERRUPTED, NOT_TAKEN, ReadingProcess, interrupted_twice
from loaders.reading.request import CellsRequest, Outline, OutlineRequest, ReadRequest, Recognised, RecogniseRequest, Request
from loaders.reading.row_schema import refused
from loaders.settings import ReadingLimits
from loaders.table import Issue, Reading

_MOST_PROCESSES = 2
# Starting a process costs as much as reading this much.
_BYTES_WORTH_A_PROCESS = 500_000
_PARTING_SECONDS = 2.0
_log = logging.getLogger(__name__)


class ReaderPool:
    """Reads documents in child processes, as many at a time as there are processors (two at most).

    Children are tied to the thread that started them: use a pool where it was opened.
    """

    def __init__(self, limits: ReadingLimits) -> None:
        self._limits = limits
        self._idle: list[ReadingProcess] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        while self._idle:
            self._idle.pop().end(patience=_PARTING_SECONDS)

    def start(self) -> None:
        """Start the first child now, so that it is ready when the first document comes."""
        if not self._idle:
            self._idle.append(ReadingProcess(self._limits))

    def read(self, request: ReadRequest) -> Reading:
        """Read one document under its contract; whatever it does to its reader, there is a reading.

        Raises:
            ReaderUnavailable: no reading process could be started.
        """
        return self.read_many([request])[0]

    def read_many(self, requests: Sequence[ReadRequest]) -> list[Reading]:
        """Read several documents, in their order.

        Raises:
            ReaderUnavailable: no reading process could be started.
            OSError: a file is not there or cannot be looked at, which is no fault of the document.
        """
        return [
            outcome if isinstance(outcome, Reading) else refused(request.report, outcome)
            for request, outcome in zip(requests, self._perform(requests), strict=True)
        ]

    def cells(self, request: CellsRequest) -> bytes:
        """Every cell of a document as JSON, `{"sheets": […], "notes": […]}`, or why it gives none, `{"refused": {…}}`."""
        outcome = self._perform([request])[0]
        if isinstance(outcome, Issue):
            refused = {"refused": {"reason": outcome.rule, "detail": outcome.message_en}}
            return json.dumps(refused, ensure_ascii=False).encode()
        cells: bytes = outcome
        return cells

    def outline(self, request: OutlineRequest) -> Outline | Issue:
        """What a document shows of itself without a contract, or why it shows nothing."""
        outcome: Outline | Issue = self._perform([request])[0]
        return outcome

    def recognise(self, requests: Sequence[RecogniseRequest]) -> list[Recognised | Issue]:
        """For each document the reports that its headers fit, or why it gives no table under any contract."""
        return self._perform(requests)

    def _perform(self, requests: Sequence[Request]) -> list[Any]:
        """The outcome of each request. One whose reader is ended from outside is tried once more, alone, when all others are
        done: what took the machine's memory may be gone by then, and two readers at a time need twice as much.
        """
        size = sum(request.path.stat().st_size for request in requests)
        outcomes: list[Any] = [None] * len(requests)
        most = min(_MOST_PROCESSES, os.cpu_count() or 1, len(requests), 1 + size // _BYTES_WORTH_A_PROCESS)
        self._work_off(deque(enumerate(requests)), most, outcomes)
        for number in [number for number, outcome in enumerate(outcomes) if outcome is INTERRUPTED]:
            _log.warning("the reader of %s was ended from outside; it is read once more, alone", requests[number].path)
            self._work_off(deque([(number, requests[number])]), 1, outcomes)
        return [interrupted_twice() if outcome is INTERRUPTED else outcome for outcome in outcomes]

    def _work_off(self, waiting: deque[tuple[int, Request]], most: int, outcomes: list[Any]) -> None:
        """Fill in the outcomes of the waiting requests, `most` at a time."""
        busy: list[ReadingProcess] = []
        try:
            while waiting or busy:
                while waiting and len(busy) < most:
                    busy.append(self._take_idle() or ReadingProcess(self._limits))
                    busy[-1].ask(*waiting.popleft())
                for process in _stirring(busy):
                    outcome = process.listen()
                    if outcome is None:
                        continue
                    if outcome is NOT_TAKEN:
                        waiting.appendleft(process.work)
                    else:
                        outcomes[process.work[0]] = outcome
                    busy.remove(process)
                    self._dismiss(process)
        finally:
            for process in busy:
                process.end()

    def _dismiss(self, process: ReadingProcess) -> None:
        if process.is_usable:
            self._idle.append(process)
        else:
            process.end()

    def _take_idle(self) -> ReadingProcess | None:
        while self._idle:
            process = self._idle.pop()
            if process.is_alive():
                return process
            process.end()
        return None


def _stirring(processes: Sequence[ReadingProcess]) -> list[ReadingProcess]:
    """The processes that have something to say, died or overstayed; waits for the first."""
    with selectors.DefaultSelector() as selector:
        for process in processes:
            selector.register(process.channel, selectors.EVENT_READ, process)
        patience = max(0.0, min(process.deadline for process in processes) - time.monotonic())
        stirring = [key.data for key, _ in selector.select(patience)]
    return stirring or [process for process in processes if process.deadline <= time.monotonic()]
