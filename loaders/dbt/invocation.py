"""Runs one command of dbt in this process and writes what became of each node: `loaders.dbt.runner` starts it as a child.

dbt can write its own results, but with them the whole manifest, twice, which takes longer than a build after a load.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest

EXIT_OK, EXIT_FAILED = 0, 1
_RELATIONS = frozenset({"model", "seed", "snapshot"})


def invoke(results_file: Path, arguments: Sequence[str]) -> int:
    """Runs dbt with these arguments. Writes its results, unless it failed before its first node. Returns the exit code."""
    done = dbtRunner().invoke(list(arguments))
    if isinstance(done.result, Manifest):
        results_file.write_text(json.dumps(_graph(done.result)), encoding="utf-8")
    elif done.result is not None and hasattr(done.result, "results"):
        results_file.write_text(json.dumps(_results(done)), encoding="utf-8")
    if done.exception is not None:
        sys.stderr.write(f"{done.exception}\n")
    return EXIT_OK if done.success else EXIT_FAILED


def _graph(manifest: Manifest) -> dict[str, Any]:
    """Returns what makes a table or view, and the sources: each by its unique id."""
    kept = [node for node in manifest.nodes.values() if str(node.resource_type) in _RELATIONS]
    found: dict[str, Any] = {
        node.unique_id: {
            "relation": f"{node.schema}.{node.alias}",
            "inputs": list(getattr(getattr(node, "depends_on", None), "nodes", ())),
            "columns": [[one.name, one.data_type, one.description] for one in node.columns.values()],
            "path": node.original_file_path,
        }
        for node in kept
    }
    for source in manifest.sources.values():
        found[source.unique_id] = {"relation": f"{source.schema}.{source.identifier}", "inputs": [], "columns": [], "path": ""}
    return found


def _results(done: dbtRunnerResult) -> dict[str, Any]:
    ran: Any = done.result
    nodes = [
        {
            "unique_id": one.node.unique_id,
            "status": str(one.status),
            "message": one.message,
            "compiled_code": getattr(one.node, "compiled_code", None),
            "seconds": one.execution_time,
            "rows": (one.adapter_response or {}).get("rows_affected"),
        }
        for one in ran.results
    ]
    return {"results": nodes, "elapsed_time": ran.elapsed_time}


if __name__ == "__main__":
    sys.exit(invoke(Path(sys.argv[1]), sys.argv[2:]))
