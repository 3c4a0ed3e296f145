"""The stage `model`: runs dbt over the warehouse as the transformer role, in a child process.

dbt reads its connection from the environment and keeps state between calls. In a child process neither reaches the caller, and
a build that hangs can be killed.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from loaders.contract import deployment_of
from loaders.dbt.project_folder import project_folder, source_files
from loaders.parent_death_signal import bound_to_parent
from loaders.settings import Settings

ROWS_CHANGED = ("--selector", "after_load")
"""Arguments of `dbt build` when only rows changed since the last build, of any report (`dbt_project/selectors.yml`)."""

WHOLE = ("--full-refresh",)
"""Arguments of `dbt build` that compute everything anew."""
SLOW_SECONDS = 5.0
"""From how many seconds on a node of dbt is told of as slow."""

_MOST_SLOW = 5
_WRITTEN_KINDS = frozenset({"model", "seed", "snapshot"})
_FIGURES_EVIDENCE = "evidence_area_figure"
_SEED_PARTS = {
    "seeds/indicators.csv": "dictionary",
    "seeds/measures.csv": "dictionary",
    "seeds/divisions.csv": "hierarchy",
    "seeds/division_spells.csv": "hierarchy",
}
_TLS_VARIABLES = {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY"}
_FOLDER_PARTS = {"models": "rules", "macros": "rules", "engine": "engine"}


# What is not made again: tests that no row can fail, seeds, and tables that other models' strategies fill.
_NOT_AFTER_LOAD = ("--exclude", "resource_type:unit_test", "tag:structure", "tag:history")
_TABLES = "config.materialized:incremental"


class ModelError(RuntimeError):
    """dbt failed; the message names the models and tests that failed, and the log file.

    `failed_tests` are the queries of the data tests that found rows, by the name of the test.
    """

    def __init__(self, message: str, failed_tests: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.failed_tests = dict(failed_tests or {})


@dataclass(frozen=True, slots=True)
class NodeTime:
    """How long dbt took for a node (`flow_value`), and how many rows it wrote; None where that is not known."""

    name: str
    seconds: float
    rows: int | None


@dataclass(frozen=True, slots=True)
class NodeResult:
    """A node of dbt that ran, by its whole name (`model.huimin.flow_value`). `rows` None: not known, as of a view."""

    unique_id: str
    status: str
    seconds: float
    rows: int | None


@dataclass(frozen=True, slots=True)
class ModelResult:
    """How many models, seeds, snapshots and tests dbt ran, by status (`success`, `pass`, `warn`, `skipped`, …).

    `slowest` are the nodes that took longest, the slowest first. `written` are the models, seeds and snapshots, tests left out.
    """

    counts: Mapping[str, int]
    seconds: float
    slowest: tuple[NodeTime, ...] = ()
    written: tuple[NodeResult, ...] = ()


def reports_changed(reports: Collection[str]) -> tuple[str, ...]:
    """Returns the arguments of `dbt build` when only rows of these reports changed since the last build, and no period came.

    They select, by dbt's own graph, the tables and the tests of data that the reports reach, and the tables that read the ledger.
    Views show new rows by themselves.
    """
    reached = [f"source:*.{report}+" for report in sorted(reports)]
    selected = [f"{nodes},{kind}" for nodes in reached for kind in (_TABLES, "test_type:data")]
    return ("--cache-selected-only", "--select", *selected, f"tag:ledger+,{_TABLES}", *_NOT_AFTER_LOAD)


def dbt_environment(transformer_url: str, project: Path) -> dict[str, str]:
    """Returns the variables that the dbt project reads: its connection, its evidence models, what its deployment is.

    A ref must be known when dbt parses, and dbt cannot list its own models then (docs/adr/0017).

    Args:
        project: the folder of the deployment's models and seeds.

    Raises:
        DeploymentError: its `deployment.yml` is missing or wrong.
    """
    parts, deployment = urlsplit(transformer_url), deployment_of(project)
    evidence = [path.stem for path in (project / "models" / "evidence").glob("*/*.sql")]
    has_figures = (project / "seeds" / "area_figures.csv").is_file()
    return {
        "HUIMIN_DBT_HOST": parts.hostname or "127.0.0.1",
        "HUIMIN_DBT_PORT": str(parts.port or 5432),
        "HUIMIN_DBT_USER": unquote(parts.username or ""),
        "HUIMIN_DBT_PASSWORD": unquote(parts.password or ""),
        "HUIMIN_DBT_DATABASE": parts.path.lstrip("/"),
        "HUIMIN_DBT_EVIDENCE": " ".join(sorted([*evidence, *([_FIGURES_EVIDENCE] if has_figures else [])])),
        "HUIMIN_DBT_AREA_FIGURES": "1" if has_figures else "",
        "HUIMIN_DBT_DIVISION_SPELLS": "1" if (project / "seeds" / "division_spells.csv").is_file() else "",
        "HUIMIN_DBT_ROOT_DIVISION": deployment.root_division,
        "HUIMIN_DBT_FIRST_YEAR": str(deployment.first_year),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
        **_tls_variables(parts.query),
    }


def _tls_variables(query: str) -> dict[str, str]:
    """Returns what the URL says of TLS as libpq reads it: by a profile without it, dbt would trust any server."""
    return {_TLS_VARIABLES[name]: values[-1] for name, values in parse_qs(query).items() if name in _TLS_VARIABLES}


def project_fingerprint(settings: Settings) -> str:
    """Returns a hash over everything that dbt builds from, dbt's version included: a changed model is a reason to build.

    Raises:
        ModelError: dbt is not installed.
        DeploymentError: the deployment's `deployment.yml` is missing or wrong.
    """
    deployment = deployment_of(settings.dbt_project)
    digest = hashlib.sha256(f"{_dbt_version()}\0{deployment.root_division}\0{deployment.first_year}".encode())
    for name, path in source_files(settings):
        digest.update(name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def part_fingerprints(settings: Settings) -> Mapping[str, str]:
    """Returns a hash over each part of the project that a figure follows from: `dictionary`, `hierarchy`, `rules`, `engine`."""
    digests = {name: hashlib.sha256() for name in ("dictionary", "hierarchy", "rules", "engine")}
    for name, path in source_files(settings):
        part = _SEED_PARTS.get(name) or (_FOLDER_PARTS.get(name.partition("/")[0]) if path.suffix == ".sql" else None)
        if part is not None:
            digests[part].update(name.encode() + b"\0" + path.read_bytes())
    return {name: digest.hexdigest() for name, digest in digests.items()}


def _dbt_version() -> str:
    """Returns the version of dbt that is installed.

    Raises:
        ModelError: none is.
    """
    try:
        return version("dbt-core")
    except PackageNotFoundError:
        raise ModelError("dbt is not installed: install huimin[dbt], or load with --no-build") from None


def build_models(settings: Settings, arguments: Sequence[str] = (), *, timeout_seconds: float = 1800) -> ModelResult:
    """Runs `dbt build`.

    Raises:
        ModelError: a model, a seed or a test failed, or the build took longer than `timeout_seconds`.
    """
    results = results_file(_target(settings))
    results.unlink(missing_ok=True)
    done = run_dbt(settings, ["build", "--no-write-json", *arguments], timeout_seconds)
    if not results.exists():
        raise ModelError(f"dbt could not start: {(done.stdout + done.stderr).strip()[-2000:]}")
    return _parse_results(json.loads(results.read_text(encoding="utf-8")), done.returncode, _logs(settings) / "dbt.log")


def write_docs(settings: Settings) -> Path:
    """Writes the documentation of all models as one page that loads nothing from the network.

    Raises:
        ModelError: dbt failed.
    """
    page = _target(settings) / "static_index.html"
    done = run_dbt(settings, ["docs", "generate", "--static"], timeout_seconds=600)
    if done.returncode != 0 or not page.exists():
        raise ModelError(f"dbt docs failed: {(done.stdout + done.stderr).strip()[-2000:]}")
    return page


def run_dbt(
    settings: Settings, arguments: Sequence[str], timeout_seconds: float, target: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs dbt in a child process that ends with this one; `target` is its folder for what it makes, else that of builds.

    Raises:
        ModelError: it did not end in time.
    """
    target = target or _target(settings)
    for folder in (target, _logs(settings)):
        folder.mkdir(parents=True, exist_ok=True)
    project = project_folder(settings)
    folders = {
        "--project-dir": project,
        "--profiles-dir": project,
        "--target-path": target,
        "--log-path": _logs(settings),
    }
    command = [sys.executable, "-m", "loaders.dbt.invocation", str(results_file(target)), "--quiet", *arguments]
    command += [str(part) for pair in folders.items() for part in pair]
    # dbt must not outlive its caller: the next build would run beside it.
    command = bound_to_parent(command, signal.SIGKILL)
    environment = os.environ | dbt_environment(settings.transformer_url, settings.dbt_project)
    try:
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=timeout_seconds, check=False)
    except subprocess.TimeoutExpired as error:
        log = _logs(settings) / "dbt.log"
        raise ModelError(f"dbt {arguments[0]} did not end within {timeout_seconds:.0f} s; its log is {log}") from error


def _target(settings: Settings) -> Path:
    return settings.home / "dbt" / "target"


def results_file(target: Path) -> Path:
    """Returns the file in which a run with this target folder leaves what became of each node."""
    return target / "huimin_results.json"


def _logs(settings: Settings) -> Path:
    return settings.home / "dbt" / "logs"


def _parse_results(run_results: dict[str, object], returncode: int, log: Path) -> ModelResult:
    counts: dict[str, int] = {}
    failures: list[str] = []
    failed_tests: dict[str, str] = {}
    results = run_results["results"]
    if not isinstance(results, list):
        raise ModelError(f"dbt's results have no list of nodes; the log is {log}")
    for result in results:
        counts[result["status"]] = counts.get(result["status"], 0) + 1
        if result["status"] in {"error", "fail"}:
            failures.append(f"{result['unique_id']}: {' '.join(str(result['message']).split())}")
        if result["status"] == "fail" and result.get("compiled_code"):
            failed_tests[result["unique_id"]] = result["compiled_code"]
    if failures or returncode != 0:
        raise ModelError(f"dbt build failed, log {log}:\n" + "\n".join(failures or [f"exit code {returncode}"]), failed_tests)
    elapsed = run_results["elapsed_time"]
    return ModelResult(counts=counts, seconds=float(str(elapsed)), slowest=_slowest(results), written=_written(results))


def _written(results: Sequence[Mapping[str, Any]]) -> tuple[NodeResult, ...]:
    """Returns what became of the nodes that make a table or view."""
    return tuple(
        NodeResult(one["unique_id"], one["status"], float(one["seconds"]), _rows(one["rows"]))
        for one in results
        if one["unique_id"].partition(".")[0] in _WRITTEN_KINDS and one["status"] != "skipped"
    )


def _slowest(results: Sequence[Mapping[str, Any]]) -> tuple[NodeTime, ...]:
    """Returns the nodes that took longest, of those that took long at all. A view has no rows: dbt says -1."""
    nodes = [NodeTime(one["unique_id"].split(".")[2], float(one["seconds"]), _rows(one["rows"])) for one in results]
    slow = [node for node in nodes if node.seconds >= SLOW_SECONDS]
    return tuple(sorted(slow, key=lambda node: -node.seconds)[:_MOST_SLOW])


def _rows(count: object) -> int | None:
    return count if isinstance(count, int) and count >= 0 else None
