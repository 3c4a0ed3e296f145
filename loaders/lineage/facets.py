"""The facets of our events: OpenLineage's own, and two of ours for what it has no word for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attr
from openlineage.client.event_v2 import Run
from openlineage.client.facet_v2 import (
    InputDatasetFacet,
    RunFacet,
    data_quality_assertions_dataset,
    parent_run,
    schema_dataset,
    source_code_location_job,
)

PRODUCER = "urn:huimin"
"""Who made the events. The project has no address that holds everywhere."""
_SEVERITIES = {"document": "error", "error": "error", "warning": "warn"}


@attr.define
class RowAccountFacet(InputDatasetFacet):
    """What became of each row of a document; `total` is the sum of the others. Null: it was refused before they were counted."""

    total: int | None = attr.field(default=None)
    loaded: int | None = attr.field(default=None)
    quarantined: int | None = attr.field(default=None)
    furniture: int | None = attr.field(default=None)

    @staticmethod
    def _get_schema() -> str:
        return "urn:huimin:facet:RowAccount:1"


@attr.define
class SubmissionFacet(RunFacet):
    """The row of the ledger that a run stands for, and the contract that its document was validated by."""

    submissionId: int = attr.field(default=0)
    unitCode: str = attr.field(default="")
    period: str | None = attr.field(default=None)
    revision: int = attr.field(default=1)
    state: str = attr.field(default="")
    contractSha256: str | None = attr.field(default=None)

    @staticmethod
    def _get_schema() -> str:
        return "urn:huimin:facet:Submission:1"


def columns_facet(columns: Iterable[Mapping[str, Any]]) -> schema_dataset.SchemaDatasetFacet:
    """Returns the schema of a dataset; `columns` have name, type and description."""
    fields = schema_dataset.SchemaDatasetFacetFields
    return schema_dataset.SchemaDatasetFacet([fields(c["name"], c["type"] or None, c["description"] or None) for c in columns])


def rules_facet(
    issues: Iterable[Mapping[str, Any]], passed: Iterable[tuple[str, str | None]]
) -> data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet:
    """Returns what each rule found in a document: those with issues failed, and `passed` are rule and column of those without."""
    assertion = data_quality_assertions_dataset.Assertion
    found = [
        assertion(
            one["rule"],
            success=False,
            column=one["column_name"],
            severity=_SEVERITIES[one["severity"]],
            actual=str(one["issues"]),
            expected="0",
            description="issues",
        )
        for one in issues
    ]
    found += [assertion(rule, success=True, column=column) for rule, column in passed]
    return data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet(assertions=found)


def parent_facet(run_id: str, namespace: str, name: str) -> parent_run.ParentRunFacet:
    """Returns the facet that names the run in which another one ran."""
    return parent_run.ParentRunFacet(run=parent_run.Run(runId=run_id), job=parent_run.Job(namespace, name))


def code_facet(revision: str | None, path: str | None = None) -> source_code_location_job.SourceCodeLocationJobFacet:
    """Returns the facet that names the revision of the program, and the file in it."""
    return source_code_location_job.SourceCodeLocationJobFacet("git", PRODUCER, path=path, version=revision)


def run_of(run_id: str, facets: Mapping[str, RunFacet]) -> Run:
    """Returns a run with its facets."""
    return Run(run_id, dict(facets))
