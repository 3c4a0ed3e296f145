"""Components load what their children need before they fork them, and share that memory with them.

The scheduler forks the workers that run tasks: a load begins at once, not after four seconds of importing Great Expectations. The
dag-processor forks a process for each reading of a DAG file, which puts the rules of all contracts into words.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin

SHARED = {
    "scheduler": ("loaders.pipeline", "loaders.validation.rules.engines.gx_suite"),
    "dag-processor": ("pandas", "loaders.pages.report_markdown"),
}


@hookimpl
def on_starting(component: Any) -> None:  # noqa: ARG001 - named so by Airflow, which calls this before it knows what it starts
    """As one of Airflow's components begins: load what its children share."""
    for name in SHARED.get(next(iter(sys.argv[1:]), ""), ()):
        importlib.import_module(name)


class WarmScheduler(AirflowPlugin):
    """Makes the hook above known to Airflow."""

    name = "huimin_warm_scheduler"
    listeners = (sys.modules[__name__],)
