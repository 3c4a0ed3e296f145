"""The reading process: started by a pool, fed through its standard input, bound by limits, gone with its parent.

It imports what reads documents and nothing else (no pandas, no Great Expectations, no database), so that it starts in a
quarter of a second and a new one costs little.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Sequence
from dataclasses import replace
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa

from loaders.reading import wire
from loaders.reading.cell_dump import dump_document
from loaders.reading.document import read_into
from loaders.reading.outline import outline_document
from loaders.reading.recognition import recognise_document
from loaders.reading.refusals import Refusal, limit_exceeded, reader_failed
from loaders.reading.request import CellsRequest, OutlineRequest, ReadRequest, RecogniseRequest, Request
from loaders.reading.row_schema import refused
from loaders.reading.spool import RowSpool
from loaders.reading.wire import Answer
from loaders.table import Issue, Reading

_MB = 1024**2
_PR_SET_PDEATHSIG = 1
_HEADROOM_MB = 16


def main() -> None:
    """Answer requests until the channel closes. Arguments: memory in MB, CPU seconds a document, the parent's process id.

    It says that it has started, then for each request that it has taken it, then the answer.
    """
    memory_mb, cpu_seconds, parent = (int(argument) for argument in sys.argv[1:4])
    _die_with(parent)
    _prepare()
    channel = socket.socket(fileno=os.dup(0))
    memory_limit = _limit_memory(memory_mb)
    wire.send(channel, wire.Sign.STARTED)
    while True:
        try:
            request, _ = wire.receive(channel)
        except (EOFError, OSError):
            return
        wire.send(channel, wire.Sign.TAKEN)
        _limit_cpu(cpu_seconds)
        if _answer(channel, request, memory_limit).is_last:
            return


def _answer(channel: socket.socket, request: Request, memory_limit: int) -> Answer:
    match request:
        case RecogniseRequest():
            answer = _guarded(lambda: recognise_document(request), memory_limit)
            wire.send(channel, answer)
            return answer
        case OutlineRequest():
            answer = _guarded(lambda: outline_document(request), memory_limit)
            wire.send(channel, answer)
            return answer
        case CellsRequest():
            with tempfile.TemporaryFile() as out:
                answer = _guarded(lambda: dump_document(request, out), memory_limit)
                out.flush()
                wire.send(channel, answer, out.fileno() if answer.issue is None else None)
            return answer
        case ReadRequest():
            return _answer_with_rows(channel, request, memory_limit)


def _answer_with_rows(channel: socket.socket, request: ReadRequest, memory_limit: int) -> Answer:
    with RowSpool(request.report) as spool:
        answer = _guarded(lambda: read_into(request, spool), memory_limit)
        if answer.issue is not None:
            answer = replace(answer, value=refused(request.report, answer.issue), issue=None)
        wire.send(channel, answer, spool.finish() if answer.value.refusal is None else None)
    return answer


def _guarded(work: Any, memory_limit: int) -> Answer:
    """Do the work; running out of memory and faults of the reader are answers like any other."""
    try:
        value = work()
    except Refusal as refusal:
        return Answer(issue=refusal.issue)
    except MemoryError:
        return Answer(issue=_out_of_memory(), is_last=True)
    except Exception as error:
        if _touched(memory_limit):
            return Answer(issue=_out_of_memory(), is_last=True)
        return Answer(issue=reader_failed(f"{type(error).__name__}: {error}").issue, trace=traceback.format_exc())
    if isinstance(value, Reading) and _is_unreadable(value) and _touched(memory_limit):
        # Parsers written in C report a failed allocation as a damaged file.
        return Answer(issue=_out_of_memory(), is_last=True)
    return Answer(value)


def _is_unreadable(reading: Reading) -> bool:
    return reading.refusal is not None and reading.refusal.rule == "unreadable_document"


def _out_of_memory() -> Issue:
    return limit_exceeded("占用内存过多", "it took more memory than one document may").issue


def _die_with(parent: int) -> None:
    """Let the kernel end this process when its parent dies, however it dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(0)


class _NoPandas(MetaPathFinder):
    """Keeps Arrow from importing pandas, which it does at the first array for a use that it never meets here."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:  # noqa: ARG002
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname)


def _prepare() -> None:
    sys.meta_path.insert(0, _NoPandas())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)


def _limit_memory(memory_mb: int) -> int:
    """Allow `memory_mb` of address space beyond what the interpreter and its libraries hold already.

    Returns:
        The limit in bytes of address space.
    """
    limit = _address_space("VmSize") + memory_mb * _MB
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    return limit


def _limit_cpu(seconds: int) -> None:
    """Allow this many seconds from now on; the kernel ends the process after them, whatever it is doing."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds + 1, hard))


def _touched(memory_limit: int) -> bool:
    return _address_space("VmPeak") > memory_limit - _HEADROOM_MB * _MB


def _address_space(kind: str) -> int:
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    line = next(line for line in status.read_text().splitlines() if line.startswith(f"{kind}:"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main()
