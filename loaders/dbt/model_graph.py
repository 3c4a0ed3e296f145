"""The graph of the models as dbt parses it: which relation each makes, and which it reads."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from loaders.dbt.runner import ModelError, results_file, run_dbt
from loaders.settings import Settings


class GraphNode(NamedTuple):
    """A node of dbt: its relation (`bi.area`), the unique ids of what it reads, name, type and words of its columns, its file."""

    relation: str
    inputs: tuple[str, ...]
    columns: tuple[tuple[str, str | None, str], ...]
    path: str


def read_graph(settings: Settings) -> dict[str, GraphNode]:
    """Returns the models, seeds, snapshots and sources of the project by their unique ids, as dbt parses it.

    In a folder of its own, so that it disturbs no build; the first time takes half a minute, later ones two seconds.

    Raises:
        ModelError: dbt cannot parse the project.
    """
    target = settings.home / "dbt" / "graph"
    done = run_dbt(settings, ["parse", "--no-write-json"], 600, target)
    results = results_file(target)
    if done.returncode != 0 or not results.exists():
        raise ModelError(f"dbt parse failed: {(done.stdout + done.stderr).strip()[-2000:]}")
    graph: dict[str, Any] = json.loads(results.read_text(encoding="utf-8"))
    return {
        name: GraphNode(one["relation"], tuple(one["inputs"]), tuple(map(tuple, one["columns"])), one["path"])
        for name, one in graph.items()
    }
