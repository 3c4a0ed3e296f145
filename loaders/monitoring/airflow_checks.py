"""Asks Airflow's own interface whether its components live, and which DAGs are paused.

Its public REST API, not its tables, which change with each release. Health needs no account; paused DAGs need one that may read
DAGs: the user and password of the connection.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import httpx

from loaders.monitoring.matters import Matter, matter

CONNECTION = "airflow_api"
"""The name of the connection: `http://user:password@host:8080`."""
COMPONENT, PAUSED = "airflow", "paused_dag"

_SECONDS = 10.0
_COMPONENTS = ("metadatabase", "scheduler", "dag_processor", "triggerer")
_MOST_DAGS = 100


class AirflowAnswers:
    """What one look at Airflow showed. `kinds` are the checks that could be made: what they did not find is over."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        base = urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
        self._account = (unquote(parts.username or ""), unquote(parts.password or ""))
        # A proxy that the environment names cannot reach an address of the own network.
        self._client = httpx.Client(base_url=base, timeout=_SECONDS, trust_env=False)
        self.kinds: set[str] = set()
        self.matters: list[Matter] = []

    def look(self) -> None:
        """Asks everything. An interface that does not answer is a matter of its own."""
        with self._client:
            self.matters += self._components()
            self.kinds.add(COMPONENT)
            if self._account[0] and not self.matters:
                self._look_at_dags()

    def _components(self) -> Iterator[Matter]:
        try:
            states: dict[str, Any] = self._client.get("/api/v2/monitor/health").raise_for_status().json()
        except (httpx.HTTPError, ValueError):
            yield matter(COMPONENT, "api_server")
            return
        # A component that was never started has no status.
        unhealthy = [name for name in _COMPONENTS if (states.get(name) or {}).get("status") != "healthy"]
        yield from (matter(COMPONENT, name) for name in unhealthy)

    def _look_at_dags(self) -> None:
        try:
            paused = list(self._paused_dags())
        except (httpx.HTTPError, ValueError, KeyError):
            self.matters.append(matter(COMPONENT, "account"))
            return
        self.matters += (matter(PAUSED, dag) for dag in paused)
        self.kinds.add(PAUSED)

    def _paused_dags(self) -> Iterator[str]:
        user, password = self._account
        login = self._client.post("/auth/token", json={"username": user, "password": password}).raise_for_status().json()
        headers = {"Authorization": f"Bearer {login['access_token']}"}
        offset, total = 0, 1
        while offset < total:
            query = {"paused": "true", "limit": str(_MOST_DAGS), "offset": str(offset), "order_by": "dag_id"}
            page = self._client.get("/api/v2/dags", params=query, headers=headers).raise_for_status().json()
            yield from (dag["dag_id"] for dag in page["dags"])
            offset, total = offset + _MOST_DAGS, page["total_entries"]
