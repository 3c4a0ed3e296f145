"""`python -m tests.support.warehouse.killed_load POINT NUMBER WORDS…`: runs `huimin WORDS…`, and kills it at a point of a load.

The process is killed as the step that the point names ends for the NUMBER-th time, before anything after it is done.
"""

import functools
import importlib
import itertools
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from loaders.cli import main

# Where a step is looked up by its caller.
POINTS = {
    "bytes of several documents are on the disk": "loaders.landing.landed_files:LandingBatch.flush",
    "records of several documents are on the disk": "loaders.stages.document_landing:write_records",
    "several documents are in the ledger": "loaders.stages.document_landing:DocumentLander._register",
    "a batch is read ahead of the load": "loaders.pipeline:read_batch",
    "rows of several documents are copied": "loaders.warehouse.load.group_load:copy_arrow",
    "several documents are written, their batch is not committed": "loaders.warehouse.load.batch_load:write_together",
    "a batch is committed": "loaders.warehouse.facade:Warehouse.load_batch",
}


def killing(step: Callable[..., Any], number: int) -> Callable[..., Any]:
    """Returns the same step, after which this process is killed at its `number`-th end."""
    ends = itertools.count(1)

    @functools.wraps(step)
    def killed(*arguments: Any, **options: Any) -> Any:
        result = step(*arguments, **options)
        if next(ends) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return killed


def kill_at(point: str, number: int) -> None:
    """Replaces the step that a point names."""
    module, _, path = POINTS[point].partition(":")
    *owners, name = path.split(".")
    owner = functools.reduce(getattr, owners, importlib.import_module(module))
    setattr(owner, name, killing(getattr(owner, name), number))


if __name__ == "__main__":
    kill_at(sys.argv[1], int(sys.argv[2]))
    sys.argv[1:3] = []
    main()
