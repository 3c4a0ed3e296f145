"""A load in a process of its own, which is killed as a step of it ends, before anything after that step is done."""

import functools
import importlib
import itertools
import multiprocessing
import os
import signal
from collections.abc import Callable
from typing import Any

from loaders.settings import Settings
from tests.support.warehouse.file_drop import huimin

# Where a step is looked up by its caller.
POINTS = {
    "bytes of several documents are on the disk": "loaders.landing.landed_files:LandingBatch.flush",
    "a bucket has the bytes of several documents": "loaders.landing.bucket_store:BucketBatch.flush",
    "records of several documents are on the disk": "loaders.stages.document_landing:write_records",
    "several documents are in the ledger": "loaders.stages.document_landing:DocumentLander._register",
    "a batch is read ahead of the load": "loaders.pipeline:read_batch",
    "rows of several documents are copied": "loaders.warehouse.load.group_load:copy_arrow",
    "several documents are written, their batch is not committed": "loaders.warehouse.load.batch_load:write_together",
    "a batch is committed": "loaders.warehouse.facade:Warehouse.load_batch",
}


def run_and_kill(settings: Settings, point: str, number: int, words: tuple[str, ...]) -> int | None:
    """Runs `huimin WORDS…` in a child, and kills it as the step that a point names ends for the `number`-th time.

    The child is forked, as the scheduler forks its tasks: what this process has imported it need not import.

    Returns:
        Its exit code: -9 when it was killed.
    """
    child = multiprocessing.get_context("fork").Process(target=_run, args=(settings, point, number, words))
    child.start()
    child.join()
    return child.exitcode


def _run(settings: Settings, point: str, number: int, words: tuple[str, ...]) -> None:
    _kill_at(point, number)
    huimin(settings, *words)


def _kill_at(point: str, number: int) -> None:
    module, _, path = POINTS[point].partition(":")
    *owners, name = path.split(".")
    owner = functools.reduce(getattr, owners, importlib.import_module(module))
    setattr(owner, name, _killing(getattr(owner, name), number))


def _killing(step: Callable[..., Any], number: int) -> Callable[..., Any]:
    """Returns the same step, after which this process is killed at its `number`-th end."""
    ends = itertools.count(1)

    @functools.wraps(step)
    def killed(*arguments: Any, **options: Any) -> Any:
        result = step(*arguments, **options)
        if next(ends) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return killed
