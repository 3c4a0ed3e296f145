"""The events of documents and releases: from a file to the raw table of its report, and from the figures to a release."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    JobFacet,
    RunFacet,
    data_quality_metrics_input_dataset,
    dataset_version_dataset,
    job_type_job,
    output_statistics_output_dataset,
)

from loaders.lineage.facets import (
    RowAccountFacet,
    SubmissionFacet,
    code_facet,
    columns_facet,
    parent_facet,
    rules_facet,
    run_of,
)
from loaders.lineage.naming import RELEASED, SHOWN, Names

Row = Mapping[str, Any]
_REFUSED = "rejected"


def document_events(
    row: Row, issues: Sequence[Row], passed: Iterable[tuple[str, str | None]], columns: Sequence[Row], names: Names
) -> Iterator[RunEvent]:
    """Yields the start and the end of the load of a document; a refused one failed, and has no output.

    `row` is that of the ledger, `issues` what rules found in it, `passed` rule and column of those that found nothing, `columns`
    the columns of the raw table.
    """
    run_id = names.run_id("document", row["submission_id"], row["sha256"])
    run = run_of(run_id, {"parent": _parent_of(row, names), "huimin_submission": _submission(row)})
    job = Job(names.namespace, f"load.{row['report']}", {"jobType": _job_type("LOAD")})
    source = InputDataset(
        *names.document(row["source_uri"]),
        facets={"version": dataset_version_dataset.DatasetVersionDatasetFacet(row["sha256"])},
        inputFacets={
            "huimin_rowAccount": RowAccountFacet(
                row["rows_total"], row["rows_loaded"], row["rows_quarantined"], row["rows_furniture"]
            ),
            "dataQualityMetrics": data_quality_metrics_input_dataset.DataQualityMetricsInputDatasetFacet(
                rowCount=row["rows_total"], bytes=row["byte_size"], columnMetrics={}
            ),
            "dataQualityAssertions": rules_facet(issues, passed),
        },
    )
    loaded = row["rows_loaded"] or 0
    target = OutputDataset(
        names.warehouse,
        names.table(f"raw.{row['report']}"),
        facets={"schema": columns_facet(columns)},
        outputFacets={"outputStatistics": output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(rowCount=loaded)},
    )
    end = RunState.FAIL if row["state"] == _REFUSED else RunState.COMPLETE
    yield event(RunState.START, row["started_at"], run, job, [source], [])
    yield event(end, row["ended_at"], run, job, [source], [target] if loaded else [])


def release_events(row: Row, columns: Sequence[Row], names: Names) -> Iterator[RunEvent]:
    """Yields the start (its draft) and the end of a release. `columns` are those of the values that it froze."""
    run = run_of(names.run_id("release", row["release_number"], row["release_hash"]), {})
    job = Job(
        names.namespace, "release", {"jobType": _job_type("RELEASE"), "sourceCodeLocation": code_facet(row["git_revision"])}
    )
    shown = InputDataset(names.warehouse, names.table(SHOWN), facets={"schema": columns_facet(columns)})
    frozen = OutputDataset(
        names.warehouse,
        names.table(RELEASED),
        facets={"version": dataset_version_dataset.DatasetVersionDatasetFacet(row["release_hash"])},
        outputFacets={
            "outputStatistics": output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(rowCount=row["values_count"])
        },
    )
    yield event(RunState.START, row["started_at"], run, job, [shown], [])
    yield event(RunState.COMPLETE, row["ended_at"], run, job, [shown], [frozen])


def event(
    state: RunState, time: dt.datetime, run: Run, job: Job, inputs: list[InputDataset], outputs: list[OutputDataset]
) -> RunEvent:
    """Returns an event of a run at a time."""
    return RunEvent(
        eventType=state, eventTime=time.astimezone(dt.UTC).isoformat(), run=run, job=job, inputs=inputs, outputs=outputs
    )


def _job_type(kind: str) -> JobFacet:
    return job_type_job.JobTypeJobFacet(processingType="BATCH", integration="HUIMIN", jobType=kind)


def _submission(row: Row) -> SubmissionFacet:
    return SubmissionFacet(
        row["submission_id"], row["unit_code"], row["period"], row["revision"], row["state"], row["contract_sha256"]
    )


def _parent_of(row: Row, names: Names) -> RunFacet:
    """The run of the scheduler that loaded a document; else the look at the source that brought it, or its report's loads."""
    if row["loaded_by_run"]:
        dag = str(row["loaded_by_run"]).partition("/")[0]
        return parent_facet(names.run_id("scheduler", row["loaded_by_run"]), names.namespace, dag)
    return parent_facet(names.run_id("pull", row["pull_id"] or 0, row["report"]), names.namespace, f"extract.{row['report']}")
