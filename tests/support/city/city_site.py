"""A sample city behind real servers, with warehouses but without a scheduler."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from demo.embedded_postgres import EmbeddedPostgres
from loaders.warehouse import ensure_roles, migrate
from loaders.warehouse.schema.roles import ROLES

ROOT = Path(__file__).resolve().parents[3]
HUIMIN = ROOT / ".venv" / "bin" / "huimin"


@dataclass
class CitySite:
    """A running city and a PostgreSQL server, on which warehouses are created."""

    folder: Path
    server: EmbeddedPostgres
    connections: dict[str, str]

    def open_warehouse(self, name: str, *, batch_size: int = 8) -> "CityWarehouse":
        """Creates a warehouse with a state folder of that name. With small batches, a kill hits more different places."""
        self.server.create_database(name)
        url = self.server.url(name)
        ensure_roles(url, dict.fromkeys(ROLES, "for-tests"))
        migrate(url)
        return CityWarehouse(self, name, batch_size)


@dataclass
class CityWarehouse:
    """A warehouse with its own state folder."""

    city_site: CitySite
    name: str
    batch_size: int

    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("HUIMIN_", "AIRFLOW"))}
        connections = {f"AIRFLOW_CONN_{name.upper()}": url for name, url in self.city_site.connections.items() if name != "smtp"}
        return (
            clean
            | connections
            | {
                "HUIMIN_HOME": str(self.city_site.folder / self.name),
                "HUIMIN_WAREHOUSE_URL": self.city_site.server.url(self.name, "huimin_loader", "for-tests"),
                "HUIMIN_TRANSFORMER_URL": self.city_site.server.url(self.name, "huimin_transformer", "for-tests"),
                "HUIMIN_PII_KEY": "k" * 48,
                "HUIMIN_SMTP_URL": self.city_site.connections["smtp"],
                "HUIMIN_BATCH_SIZE": str(self.batch_size),
            }
        )

    def start_load(self, *words: str) -> subprocess.Popen[bytes]:
        command = [HUIMIN, "load", "--no-build", *words]
        return subprocess.Popen(
            command, env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def huimin(self, *words: str) -> str:
        done = subprocess.run([HUIMIN, *words], env=self.environment(), capture_output=True, text=True, check=False, timeout=900)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def load(self, *words: str) -> str:
        return self.huimin("load", "--no-build", *words)

    def build_and_fingerprint(self) -> str:
        self.huimin("load")
        return self.huimin("fingerprint").strip()

    def accounts(self) -> list[dict[str, object]]:
        rows = json.loads(self.huimin("account", "--json"))
        assert rows and all(row["difference"] == 0 for row in rows), [row for row in rows if row["difference"]]
        return sorted(({k: v for k, v in row.items() if k != "state"} for row in rows), key=str)

    def query(self, sql: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.city_site.server.url(self.name)) as connection:
            return connection.execute(sql).fetchall()


@contextmanager
def running_city(folder: Path, *city_words: str) -> Iterator[CitySite]:
    """Runs `python -m sample_city serve` with these options, and a PostgreSQL server."""
    server = EmbeddedPostgres(folder / "postgres")
    server.start()
    command = [sys.executable, "-m", "sample_city", "serve", "--home", str(folder / "city")]
    environment = {**os.environ, "SAMPLE_CITY_POSTGRES_URL": server.url()}
    process = subprocess.Popen(
        [*command, *city_words, "--exit-with-parent"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    try:
        path = folder / "city" / "connections.json"
        deadline = time.monotonic() + 120
        while not path.exists():
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.1)
        yield CitySite(folder, server, json.loads(path.read_text(encoding="utf-8")))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)
        server.remove()
