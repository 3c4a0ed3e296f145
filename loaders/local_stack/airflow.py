"""Airflow on one machine: its four components, the settings that make it quick there, and its REST API."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from loaders.local_stack.secrets import StackSecrets

# Logs are read from the files; the servers that would hand them to other machines listen on fixed ports.
COMPONENTS = {
    "api-server": (),
    "scheduler": ("--skip-serve-logs",),
    "dag-processor": (),
    "triggerer": ("--skip-serve-logs",),
}
USER = "admin"
_TIMEOUT_SECONDS = 30.0
_HEALTHY = "healthy"
_MOST_RUNS = 100


def airflow_environment(home: Path, dags: Path, metadata_url: str, port: int, secrets: StackSecrets) -> dict[str, str]:
    """The variables that the four components run with.

    The heartbeat and idle times are measured choices for two cores: a chain of 20 tasks takes 6 s instead of 22.
    """
    core = {
        "CORE__DAGS_FOLDER": str(dags),
        "CORE__PLUGINS_FOLDER": str(dags / "plugins"),
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": "4",
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "CORE__DEFAULT_TIMEZONE": "Asia/Shanghai",
        "CORE__FERNET_KEY": secrets.fernet_key,
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "DATABASE__SQL_ALCHEMY_CONN": metadata_url,
        "API__HOST": "127.0.0.1",
        "API__PORT": str(port),
        "API__BASE_URL": f"http://127.0.0.1:{port}",
        "API__SECRET_KEY": secrets.jwt_secret,
        "API_AUTH__JWT_SECRET": secrets.jwt_secret,
        "WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "WORKERS__EXECUTION_API_TIMEOUT": "30",
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
        "DAG_PROCESSOR__REFRESH_INTERVAL": "30",
    }
    return {"AIRFLOW_HOME": str(home), **{f"AIRFLOW__{name}": value for name, value in core.items()}}


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class DagRun:
    """One run of a DAG as the API tells it. `state` is queued, running, success or failed."""

    dag_id: str
    run_id: str
    state: str

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen in it."""
        return self.state in {"success", "failed"}


class AirflowApi:
    """The REST API of a local Airflow, as its administrator."""

    def __init__(self, url: str, password: str) -> None:
        # The loopback address is never reached through a proxy, whatever the environment says.
        self._client = httpx.Client(base_url=url, timeout=_TIMEOUT_SECONDS, trust_env=False)
        self._password = password
        self._token: str | None = None

    def is_serving(self) -> bool:
        """Whether the API answers, the part that tasks talk to included."""
        try:
            return self._client.get("/execution/health").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def sick_components(self) -> list[str]:
        """The components that have not reported lately; the API server itself when it does not answer."""
        try:
            health: Mapping[str, Any] = self._client.get("/api/v2/monitor/health").raise_for_status().json()
        except (httpx.HTTPError, ValueError):
            return ["api_server"]
        return [name for name, state in health.items() if (state or {}).get("status") != _HEALTHY]

    def dag_ids(self) -> set[str]:
        """Every DAG that the dag-processor has found so far."""
        return {dag["dag_id"] for dag in self._ask("GET", "/api/v2/dags", params={"limit": 100})["dags"]}

    def import_errors(self) -> list[str]:
        """Why DAG files could not be read, one text a file."""
        found = self._ask("GET", "/api/v2/importErrors")["import_errors"]
        return [f"{error['filename']}: {error['stack_trace']}" for error in found]

    def trigger(self, dag_id: str) -> DagRun:
        """Queue a run of a DAG; the scheduler takes it from there."""
        return _run(self._ask("POST", f"/api/v2/dags/{dag_id}/dagRuns", json={"logical_date": None}))

    def as_they_are_now(self, runs: Sequence[DagRun]) -> list[DagRun]:
        """The same runs as they are now, asked for together: each request costs the one process that tasks talk to as well."""
        newest = self._ask("GET", "/api/v2/dags/~/dagRuns", params={"limit": _MOST_RUNS, "order_by": "-run_after"})["dag_runs"]
        known = {(run.dag_id, run.run_id): run for run in map(_run, newest)}
        return [run if run.is_over else known.get((run.dag_id, run.run_id)) or self._one(run) for run in runs]

    def _one(self, run: DagRun) -> DagRun:
        return _run(self._ask("GET", f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}"))

    def latest_run(self, dag_id: str) -> DagRun | None:
        """The newest run of a DAG; None before the first."""
        runs = self._ask("GET", f"/api/v2/dags/{dag_id}/dagRuns", params={"limit": 1, "order_by": "-run_after"})["dag_runs"]
        return _run(runs[0]) if runs else None

    def failed_tasks(self, run: DagRun) -> list[str]:
        """The tasks of a run that failed, by name."""
        path = f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances"
        tasks = self._ask("GET", path, params={"state": "failed", "limit": 100})["task_instances"]
        return sorted({task["task_id"] for task in tasks})

    def _ask(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        reply = self._client.request(method, path, headers=self._login(), **options)
        if reply.status_code == httpx.codes.UNAUTHORIZED:
            self._token = None
            reply = self._client.request(method, path, headers=self._login(), **options)
        answer: dict[str, Any] = reply.raise_for_status().json()
        return answer

    def _login(self) -> dict[str, str]:
        if self._token is None:
            reply = self._client.post("/auth/token", json={"username": USER, "password": self._password})
            self._token = reply.raise_for_status().json()["access_token"]
        return {"Authorization": f"Bearer {self._token}"}


def _run(answer: Mapping[str, Any]) -> DagRun:
    return DagRun(answer["dag_id"], answer["dag_run_id"], answer["state"])
