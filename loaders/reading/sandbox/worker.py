"""Worker process: receives requests on its standard input, runs under limits, and is killed when its parent dies.

It imports only what reads documents (no pandas, no Great Expectations, no database), so that it starts in a quarter of a second.
"""

from __future__ import annotations

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

from loaders import messages
from loaders.model import Issue, Reading
from loaders.parent_death_signal import die_with_parent
from loaders.reading.cell_dump import dump_document
from loaders.reading.containers.unpack import unpack
from loaders.reading.document import read_into
from loaders.reading.model.containers import UnpackRequest
from loaders.reading.model.refusals import Refusal, limit_exceeded, reader_failed
from loaders.reading.model.requests import CellsRequest, OutlineRequest, ReadRequest, RecognizeRequest, Request
from loaders.reading.model.row_schema import refused
from loaders.reading.model.row_spool import RowSpool
from loaders.reading.outline import outline_document
from loaders.reading.recognition import recognize_document
from loaders.reading.sandbox import protocol
from loaders.reading.sandbox.protocol import Response

_MB = 1024**2
_HEADROOM_MB = 16
# A process whose memory stays larger by this part of its limit is left: what earlier documents left behind must not count
# against a later one.
_LEFT_BEHIND = 1 / 4


def main() -> None:
    """Answers requests until the channel closes. Arguments: memory in MB, CPU seconds per document, process id of the parent.

    Protocol: STARTED once; then ACCEPTED and a response per request. It ends by itself when documents left memory behind.
    """
    memory_mb, cpu_seconds, parent = (int(argument) for argument in sys.argv[1:4])
    if not die_with_parent(parent, signal.SIGKILL):
        return
    _configure_process()
    channel = socket.socket(fileno=os.dup(0))
    memory_limit = _limit_memory(memory_mb)
    lasting = memory_limit - int(memory_mb * _MB * (1 - _LEFT_BEHIND))
    protocol.send(channel, protocol.WorkerStatus.STARTED)
    # Now, because out of memory is a message too.
    messages.preload()
    while True:
        try:
            request, _ = protocol.receive(channel)
        except (EOFError, OSError):
            return
        protocol.send(channel, protocol.WorkerStatus.ACCEPTED)
        _limit_cpu(cpu_seconds)
        if _respond(channel, request, memory_limit).is_final or _address_space("VmSize") > lasting:
            return


def _respond(channel: socket.socket, request: Request, memory_limit: int) -> Response:
    match request:
        case RecognizeRequest():
            response = _run_guarded(lambda: recognize_document(request), memory_limit)
            protocol.send(channel, response)
            return response
        case OutlineRequest():
            response = _run_guarded(lambda: outline_document(request), memory_limit)
            protocol.send(channel, response)
            return response
        case UnpackRequest():
            response = _run_guarded(lambda: unpack(request), memory_limit)
            protocol.send(channel, response)
            return response
        case CellsRequest():
            with tempfile.TemporaryFile() as out:
                response = _run_guarded(lambda: dump_document(request, out), memory_limit)
                out.flush()
                protocol.send(channel, response, out.fileno() if response.issue is None else None)
            return response
        case ReadRequest():
            return _respond_with_rows(channel, request, memory_limit)


def _respond_with_rows(channel: socket.socket, request: ReadRequest, memory_limit: int) -> Response:
    with RowSpool(request.report) as spool:
        response = _run_guarded(lambda: read_into(request, spool), memory_limit)
        if response.issue is not None:
            response = replace(response, value=refused(request.report, response.issue), issue=None)
        protocol.send(channel, response, spool.finish() if response.value.refusal is None else None)
    return response


def _run_guarded(work: Any, memory_limit: int) -> Response:
    """Runs the work. Running out of memory and exceptions of the reader become responses, too."""
    try:
        value = work()
    except Refusal as refusal:
        return Response(issue=refusal.issue)
    except MemoryError:
        return Response(issue=_out_of_memory(), is_final=True)
    except Exception as error:
        if _is_near_memory_limit(memory_limit):
            return Response(issue=_out_of_memory(), is_final=True)
        return Response(issue=reader_failed(f"{type(error).__name__}: {error}").issue, traceback_text=traceback.format_exc())
    if isinstance(value, Reading) and _is_unreadable(value) and _is_near_memory_limit(memory_limit):
        # Parsers written in C report a failed allocation as a damaged file.
        return Response(issue=_out_of_memory(), is_final=True)
    return Response(value)


def _is_unreadable(reading: Reading) -> bool:
    return reading.refusal is not None and reading.refusal.rule == "unreadable_document"


def _out_of_memory() -> Issue:
    return limit_exceeded("limit.memory").issue


class _NoPandas(MetaPathFinder):
    """Import hook that hides pandas from Arrow, which imports it at the first array for conversions that are not used here."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:  # noqa: ARG002
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname)


def _configure_process() -> None:
    sys.meta_path.insert(0, _NoPandas())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)


def _limit_memory(memory_mb: int) -> int:
    """Allows `memory_mb` of address space in addition to what the interpreter and its libraries use already.

    Returns:
        The limit in bytes of address space.
    """
    limit = _address_space("VmSize") + memory_mb * _MB
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    return limit


def _limit_cpu(seconds: int) -> None:
    """Allows this many CPU seconds from now on. The kernel kills the process after them."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds + 1, hard))


def _is_near_memory_limit(memory_limit: int) -> bool:
    return _address_space("VmPeak") > memory_limit - _HEADROOM_MB * _MB


def _address_space(kind: str) -> int:
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    line = next(line for line in status.read_text().splitlines() if line.startswith(f"{kind}:"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main()
