"""How many loads may look at one source at once: a pool of slots per connection, which Airflow keeps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from loaders.contract import Deployment, Report

PREFIX = "source_"


@dataclass(frozen=True, slots=True)
class SourcePool:
    """A pool: its name, its slots, and what people read of it in Airflow."""

    name: str
    slots: int
    description: str


def pool_of(report: Report) -> str:
    """Returns the name of the pool of a report's source: `source_charity_sftp`."""
    return f"{PREFIX}{report.source.connection}"


def source_pools(reports: Iterable[Report], deployment: Deployment) -> list[SourcePool]:
    """Returns the pool of each connection that some report comes by, by name."""
    names = sorted({report.source.connection for report in reports})
    return [source_pool(f"{PREFIX}{name}", deployment) for name in names]


def source_pool(name: str, deployment: Deployment | None) -> SourcePool:
    """Returns the pool of a name; with the slots of the product, if the deployment is not known."""
    connection = name.removeprefix(PREFIX)
    slots = Deployment.default_source_slots if deployment is None else deployment.slots_of(connection)
    return SourcePool(name, slots, f"同时访问 {connection} 的载入数 / loads that look at {connection} at once")
