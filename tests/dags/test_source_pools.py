"""The plugin that makes pools acts in the scheduler alone: its tasks are forks of it, with its command line and no database."""

from __future__ import annotations

import sys

import pytest
import source_pools
from airflow.sdk.execution_time.task_runner import TaskRunnerMarker


@pytest.mark.parametrize(("component", "makes_pools"), [(TaskRunnerMarker(), False), (object(), True)])
def test_a_task_makes_no_pools(monkeypatch: pytest.MonkeyPatch, component: object, *, makes_pools: bool) -> None:
    made: list[object] = []
    monkeypatch.setattr(sys, "argv", ["airflow", "scheduler"])
    monkeypatch.setattr(source_pools, "keep_pools", lambda pools, decided: made.append((pools, decided)))
    source_pools.on_starting(component)
    assert bool(made) is makes_pools
