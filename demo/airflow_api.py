"""The REST API of the demo's Airflow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from demo.airflow_settings import USER

_TIMEOUT_SECONDS = 30.0
_HEALTHY = "healthy"
_MOST_RUNS = 100


@dataclass(frozen=True, slots=True)
class DagRun:
    """A run of a DAG. `state` is queued, running, success or failed."""

    dag_id: str
    run_id: str
    state: str

    @property
    def is_over(self) -> bool:
        """Whether the run has ended."""
        return self.state in {"success", "failed"}


class AirflowApi:
    """A client of the REST API, logged in as the administrator."""

    def __init__(self, url: str, password: str) -> None:
        # A proxy that the environment names cannot reach the loopback address of this machine.
        self._client = httpx.Client(base_url=url, timeout=_TIMEOUT_SECONDS, trust_env=False)
        self._password = password
        self._token: str | None = None

    def is_serving(self) -> bool:
        """Tells whether the API that tasks use answers."""
        try:
            return self._client.get("/execution/health").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def unhealthy_components(self) -> list[str]:
        """Lists the components that have not reported lately; the API server itself when it does not answer."""
        try:
            health: Mapping[str, Any] = self._client.get("/api/v2/monitor/health").raise_for_status().json()
        except (httpx.HTTPError, ValueError):
            return ["api_server"]
        return [name for name, state in health.items() if (state or {}).get("status") != _HEALTHY]

    def dag_ids(self) -> set[str]:
        """Lists the DAGs that the dag-processor has found so far."""
        return {dag["dag_id"] for dag in self._request("GET", "/api/v2/dags", params={"limit": 100})["dags"]}

    def import_errors(self) -> list[str]:
        """Lists the errors of DAG files that could not be read, one text per file."""
        found = self._request("GET", "/api/v2/importErrors")["import_errors"]
        return [f"{error['filename']}: {error['stack_trace']}" for error in found]

    def trigger(self, dag_id: str) -> DagRun:
        """Queues a run of a DAG."""
        return _dag_run(self._request("POST", f"/api/v2/dags/{dag_id}/dagRuns", json={"logical_date": None}))

    def refresh_runs(self, runs: Sequence[DagRun]) -> list[DagRun]:
        """Returns the same runs in their present state, by one request: tasks use the same server process."""
        newest = self._request("GET", "/api/v2/dags/~/dagRuns", params={"limit": _MOST_RUNS, "order_by": "-run_after"})[
            "dag_runs"
        ]
        known = {(run.dag_id, run.run_id): run for run in map(_dag_run, newest)}
        return [run if run.is_over else known.get((run.dag_id, run.run_id)) or self._fetch_run(run) for run in runs]

    def latest_run(self, dag_id: str) -> DagRun | None:
        """Returns the newest run of a DAG; None before the first."""
        runs = self._request("GET", f"/api/v2/dags/{dag_id}/dagRuns", params={"limit": 1, "order_by": "-run_after"})["dag_runs"]
        return _dag_run(runs[0]) if runs else None

    def failed_tasks(self, run: DagRun) -> list[str]:
        """Lists the failed tasks of a run by name."""
        path = f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances"
        tasks = self._request("GET", path, params={"state": "failed", "limit": 100})["task_instances"]
        return sorted({task["task_id"] for task in tasks})

    def _fetch_run(self, run: DagRun) -> DagRun:
        return _dag_run(self._request("GET", f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}"))

    def _request(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        reply = self._client.request(method, path, headers=self._authorization(), **options)
        if reply.status_code == httpx.codes.UNAUTHORIZED:
            self._token = None
            reply = self._client.request(method, path, headers=self._authorization(), **options)
        answer: dict[str, Any] = reply.raise_for_status().json()
        return answer

    def _authorization(self) -> dict[str, str]:
        if self._token is None:
            reply = self._client.post("/auth/token", json={"username": USER, "password": self._password})
            self._token = reply.raise_for_status().json()["access_token"]
        return {"Authorization": f"Bearer {self._token}"}


def _dag_run(answer: Mapping[str, Any]) -> DagRun:
    return DagRun(answer["dag_id"], answer["dag_run_id"], answer["state"])
