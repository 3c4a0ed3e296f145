"""Airflow's own numbers reach a StatsD listener and an OTLP receiver, by the variables that docker-compose.yml sets.

A scheduler as a plain process sends over real UDP and real HTTP; nothing of it is replaced.
"""

from __future__ import annotations

import gzip
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from demo.airflow_settings import airflow_environment
from demo.embedded_postgres import EmbeddedPostgres
from demo.secrets import DemoSecrets
from tests.support.compose_file import example, filled, raw

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(900)]
LONGEST_SECONDS = 180


def variables_of_compose(**given: str) -> dict[str, str]:
    """What the file sets for telemetry of the scheduler, with these variables of `.env`."""
    known = {name: value or "x" * 64 for name, value in example().items()} | given
    environment = filled(raw()["services"]["scheduler"], known)["environment"]
    return {name: value for name, value in environment.items() if name.startswith(("AIRFLOW__METRICS__", "OTEL_"))}


@pytest.fixture(scope="module")
def environment(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables of a scheduler with a migrated metadatabase and no DAGs."""
    home = tmp_path_factory.mktemp("airflow")
    (home / "dags" / "plugins").mkdir(parents=True)
    postgres.create_database("telemetry")
    url = postgres.url("telemetry").replace("postgresql://", "postgresql+psycopg2://", 1)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "HUIMIN", "OTEL"))}
    made = kept | airflow_environment(home, home / "dags", url, 1, DemoSecrets())
    subprocess.run([airflow(), "db", "migrate"], env=made, check=True, capture_output=True, timeout=300)
    return made


def airflow() -> str:
    return str(Path(sys.executable).parent / "airflow")


@contextmanager
def scheduler(environment: dict[str, str], log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            [airflow(), "scheduler", "--skip-serve-logs"], env=environment, stdout=output, stderr=output, start_new_session=True
        )
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(30)


def until(is_so: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, log.read_text(errors="replace")[-3000:]
        time.sleep(0.2)


def test_statsd_gets_the_heartbeat_of_the_scheduler(environment: dict[str, str], tmp_path: Path) -> None:
    packets: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(0.2)
        port = str(listener.getsockname()[1])
        variables = variables_of_compose(HUIMIN_STATSD_ON="True", HUIMIN_STATSD_HOST="127.0.0.1", HUIMIN_STATSD_PORT=port)

        def has_heartbeat() -> bool:
            try:
                packets.append(listener.recv(65_535).decode())
            except TimeoutError:
                return False
            return "airflow.scheduler_heartbeat:" in packets[-1]

        with scheduler(environment | variables, tmp_path / "log"):
            until(has_heartbeat, tmp_path / "log")
    assert all(re.match(r"^[\w.\-/]+:-?[\d.e+-]+\|(c|g|ms)", line) for packet in packets for line in packet.splitlines())


def test_a_collector_gets_metrics_by_otlp(environment: dict[str, str], tmp_path: Path) -> None:
    names: set[str] = set()
    paths: set[str] = set()

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            body = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
            paths.add(self.path)
            request = ExportMetricsServiceRequest.FromString(body)
            names.update(m.name for r in request.resource_metrics for s in r.scope_metrics for m in s.metrics)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        endpoint = f"http://127.0.0.1:{server.server_address[1]}"
        variables = variables_of_compose(HUIMIN_OTEL_ON="True", HUIMIN_OTLP_ENDPOINT=endpoint)
        # The default is a minute.
        variables["OTEL_METRIC_EXPORT_INTERVAL"] = "1000"
        with scheduler(environment | variables, tmp_path / "log"):
            until(lambda: "airflow.scheduler_heartbeat" in names, tmp_path / "log")
        server.shutdown()
    assert paths == {"/v1/metrics"}


def test_without_variables_nothing_is_sent(environment: dict[str, str]) -> None:
    assert variables_of_compose()["AIRFLOW__METRICS__STATSD_ON"] == "False"
    assert variables_of_compose()["AIRFLOW__METRICS__OTEL_ON"] == "False"
