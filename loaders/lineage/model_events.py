"""The events of builds: one run per build, one below it per model that it ran; and the graph of all models, which no run tells.

A build after a load runs tables alone: views show new rows by themselves. So the graph is sent once per state of the models, as
events of jobs, and the path through a view is known to whoever saw no build that made it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from openlineage.client.event_v2 import InputDataset, Job, JobEvent, OutputDataset, RunEvent, RunState
from openlineage.client.facet_v2 import JobFacet, job_type_job, output_statistics_output_dataset, processing_engine_run

from loaders.dbt.model_graph import GraphNode
from loaders.lineage.facets import code_facet, columns_facet, parent_facet, run_of
from loaders.lineage.ledger_events import event
from loaders.lineage.naming import Names

Row = Mapping[str, Any]
Graph = Mapping[str, GraphNode]
_BUILD = "build_indicators"
_MODEL_KINDS = frozenset({"model", "seed", "snapshot"})


def graph_events(graph: Graph, revision: str, now: dt.datetime, names: Names) -> Iterator[JobEvent]:
    """Yields one event per model, seed and snapshot: what it reads and what it makes."""
    for unique_id in sorted(graph):
        if unique_id.partition(".")[0] in _MODEL_KINDS:
            yield JobEvent(
                eventTime=now.astimezone(dt.UTC).isoformat(),
                job=_model_job(unique_id, graph[unique_id], revision, names),
                inputs=_inputs(graph[unique_id], graph, names),
                outputs=[_output(graph[unique_id], None, names)],
            )


def build_events(build: Row, models: Sequence[Row], graph: Graph | None, names: Names) -> Iterator[RunEvent]:
    """Yields the start and the end of a build, and between them those of the models that it ran, which alone have datasets.

    `graph` is that of the models as they are; None where those of the build were others, so that only the build is told.
    """
    build_id = names.run_id("build", build["build_id"], build["started_at"].astimezone(dt.UTC).isoformat())
    engine = processing_engine_run.ProcessingEngineRunFacet(version="1.11", name="dbt")
    run = run_of(build_id, {"processing_engine": engine})
    job = Job(names.namespace, _BUILD, {"jobType": _job_type("BUILD"), "sourceCodeLocation": code_facet(build["git_revision"])})
    graph = graph or {}
    known = [row for row in models if row["model"] in graph]
    yield event(RunState.START, build["started_at"], run, job, [], [])
    for row in known:
        yield from _model_events(row, build, build_id, graph, names)
    yield event(RunState.COMPLETE, build["ended_at"], run, job, [], [])


def _model_events(row: Row, build: Row, build_id: str, graph: Graph, names: Names) -> Iterator[RunEvent]:
    """The ledger keeps how long a model took, not when: it ends with its build, and begins so much before."""
    node = graph[row["model"]]
    run = run_of(names.run_id("model", build_id, row["model"]), {"parent": parent_facet(build_id, names.namespace, _BUILD)})
    job = _model_job(row["model"], node, build["git_revision"], names)
    inputs = _inputs(node, graph, names)
    started = max(build["started_at"], build["ended_at"] - dt.timedelta(seconds=row["seconds"]))
    yield event(RunState.START, started, run, job, inputs, [])
    yield event(RunState.COMPLETE, build["ended_at"], run, job, inputs, [_output(node, row["rows_count"], names)])


def _model_job(unique_id: str, node: GraphNode, revision: str | None, names: Names) -> Job:
    kind, _, rest = unique_id.partition(".")
    facets = {"jobType": _job_type(kind.upper()), "sourceCodeLocation": code_facet(revision, node.path)}
    return Job(names.namespace, f"dbt.{rest.partition('.')[2]}", facets)


def _job_type(kind: str) -> JobFacet:
    return job_type_job.JobTypeJobFacet(processingType="BATCH", integration="DBT", jobType=kind)


def _inputs(node: GraphNode, graph: Graph, names: Names) -> list[InputDataset]:
    """What a node reads; operations and tests are no relations."""
    relations = sorted({graph[name].relation for name in node.inputs if name in graph})
    return [InputDataset(names.warehouse, names.table(relation)) for relation in relations]


def _output(node: GraphNode, rows: int | None, names: Names) -> OutputDataset:
    columns = [{"name": name, "type": kind, "description": words} for name, kind, words in node.columns]
    statistics = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(rowCount=rows)
    return OutputDataset(
        names.warehouse,
        names.table(node.relation),
        facets={"schema": columns_facet(columns)} if columns else {},
        outputFacets={} if rows is None else {"outputStatistics": statistics},
    )
