"""The scheduler loads what tasks need before it forks the workers that run them: a load begins at once, not after four seconds
of importing Great Expectations, and all tasks share that memory.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin

SHARED = ("loaders.pipeline", "loaders.validation.rules.engines.gx_suite")


@hookimpl
def on_starting(component: Any) -> None:  # noqa: ARG001 - named so by Airflow, which calls this before it knows what it starts
    """As one of Airflow's components begins: if it is the scheduler, whose workers run the tasks, load what they share."""
    if "scheduler" in sys.argv:
        for name in SHARED:
            importlib.import_module(name)


class WarmScheduler(AirflowPlugin):
    """Makes the hook above known to Airflow."""

    name = "huimin_warm_scheduler"
    listeners = (sys.modules[__name__],)
