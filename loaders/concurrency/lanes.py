"""Lanes: processes that share one list of names, each of which takes the next name when it has room for it.

A lane is a fork, so that it begins with everything imported. The kernel ends it when the process that forked it is gone.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import NamedTuple, TypeVar, cast

from loaders.parent_death_signal import die_with_parent

T = TypeVar("T")
# A pipe holds the numbers of all names that no lane took yet; the kernel lets each be read once.
_NUMBER_BYTES = 4
_MOST_NAMES = 65_536 // _NUMBER_BYTES
_MOST_LANES = 4


class LaneDied(RuntimeError):
    """A lane was ended from outside. What it was at is not known to be done."""


class _Failure(NamedTuple):
    """What ended a lane, pickled."""

    error: bytes


def lanes_for(names: Sequence[str]) -> int:
    """Returns how many lanes are worth while: one per processor, at most four; one where processes cannot be forked safely."""
    if sys.platform != "linux" or len(names) > _MOST_NAMES:
        return 1
    return max(1, min(os.cpu_count() or 1, _MOST_LANES, len(names)))


def in_lanes(work: Callable[[Iterator[str]], Iterable[T]], names: Sequence[str], count: int) -> Generator[T, None, None]:
    """Yields what `work` makes of the names, in the order in which it is done.

    `work` is called once in each lane, with an iterator that yields names until all lanes together had each once. What it yields
    must be picklable. When `work` fails in a lane, the others finish what they took, and take nothing more; if one is killed,
    they go on.

    Raises:
        Exception: what `work` raised in a lane, after the others were done.
        LaneDied: a lane was killed; raised when the others were done.
    """
    source = _pipe_of_numbers(len(names))
    context = multiprocessing.get_context("fork")
    lanes: dict[Connection, BaseProcess] = {}
    # Whatever waits to be printed would be printed by each lane, too.
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        for _ in range(count):
            ours, theirs = context.Pipe(duplex=False)
            process: BaseProcess = context.Process(target=_run_lane, args=(work, names, source, theirs, os.getpid()))
            process.start()
            theirs.close()
            lanes[ours] = process
        errors: list[BaseException] = []
        yield from _results(lanes, source, errors)
        if errors:
            raise errors[0]
    finally:
        for channel, process in lanes.items():
            channel.close()
            process.kill()
            process.join()
        os.close(source)


def _results(lanes: dict[Connection, BaseProcess], source: int, errors: list[BaseException]) -> Iterator[T]:
    """Yields what the lanes send, until all have ended, and appends what went wrong."""
    while lanes:
        for channel in cast(list[Connection], wait(list(lanes))):
            try:
                message = channel.recv()
            except EOFError:
                process = lanes.pop(channel)
                channel.close()
                process.join()
                if process.exitcode:
                    errors.append(LaneDied(f"a process of this load was ended from outside (exit code {process.exitcode})"))
                continue
            if isinstance(message, _Failure):
                errors.append(pickle.loads(message.error))  # noqa: S301 - our own process wrote it
                _take_all(source)
            else:
                yield message


def _run_lane(
    work: Callable[[Iterator[str]], Iterable[T]], names: Sequence[str], source: int, channel: Connection, parent: int
) -> None:
    if not die_with_parent(parent, signal.SIGKILL):
        return
    try:
        for result in work(_taken(names, source)):
            channel.send(result)
    except KeyboardInterrupt:
        # Ctrl-C reaches the parent as well, which speaks of it.
        return
    except BaseException as error:
        channel.send(_Failure(_pickled(error)))


def _pickled(error: BaseException) -> bytes:
    """Packs an exception so that it can be unpacked for certain."""
    with suppress(Exception):
        packed = pickle.dumps(error)
        pickle.loads(packed)  # noqa: S301 - packed in the line before
        return packed
    return pickle.dumps(RuntimeError(f"{type(error).__name__}: {error}"))


def _pipe_of_numbers(count: int) -> int:
    source, target = os.pipe()
    os.write(target, b"".join(number.to_bytes(_NUMBER_BYTES, "big") for number in range(count)))
    os.close(target)
    return source


def _taken(names: Sequence[str], source: int) -> Iterator[str]:
    while number := os.read(source, _NUMBER_BYTES):
        yield names[int.from_bytes(number, "big")]


def _take_all(source: int) -> None:
    while os.read(source, _MOST_NAMES * _NUMBER_BYTES):
        pass
