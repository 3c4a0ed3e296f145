"""One main job for all end-to-end tests: the real command, the real scheduler, left running until they are done."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from demo.embedded_postgres import EmbeddedPostgres

ROOT = Path(__file__).resolve().parents[2]
HUIMIN = ROOT / ".venv" / "bin" / "huimin"


@dataclass(frozen=True)
class MainJob:
    home: Path
    returncode: int
    output: str
    seconds: float

    def environment(self) -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if not name.startswith(("HUIMIN_", "AIRFLOW"))} | {
            "HUIMIN_HOME": str(self.home)
        }

    def huimin(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run([HUIMIN, *words], env=self.environment(), capture_output=True, text=True, check=False, timeout=300)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def as_json(self, *words: str) -> Any:
        return json.loads(self.huimin(*words, "--json").stdout)

    def stack(self) -> dict[str, str]:
        return json.loads((self.home / "stack.json").read_text(encoding="utf-8"))

    def secret(self, name: str) -> str:
        secrets: dict[str, str] = json.loads((self.home / "secrets.json").read_text(encoding="utf-8"))
        return secrets[name]

    def connected(self) -> psycopg.Connection[Any]:
        """As the server's superuser, who sees everything."""
        return psycopg.connect(EmbeddedPostgres(self.home / "postgres").url("warehouse"))

    def query(self, sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:
        with self.connected() as connection:
            return connection.execute(sql, parameters).fetchall()

    def landed(self, sha256: str) -> Path:
        return self.home / "landing" / sha256[:2] / sha256[2:4] / sha256

    @property
    def truth(self) -> Path:
        return self.home / "city" / "for_tests_only"


@pytest.fixture(scope="session")
def main_job(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainJob]:
    home = tmp_path_factory.mktemp("main-job") / "huimin"
    job = MainJob(home, 0, "", 0)
    started = time.monotonic()
    done = subprocess.run(
        [HUIMIN, "run", "--keep"], env=job.environment(), capture_output=True, text=True, check=False, timeout=900,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    yield MainJob(home, done.returncode, done.stdout + done.stderr, time.monotonic() - started)
    job.huimin("clean")
