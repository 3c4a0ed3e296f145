"""Lineage is read back from both transports: from the file of a document to a release, each run once, and the same each time."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest

from demo.embedded_postgres import EmbeddedPostgres
from loaders.settings import PROJECT_ROOT, Settings
from tests.integration.test_second_deployment import QINGXI, loaded_and_built

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(900)]
LENIENT = "minimum_reporting_rate_pct: 0\nmaximum_outside_published: 99\n"
Event = dict[str, Any]


@dataclass
class Receiver:
    """A catalog on loopback: what it took, and the status that it answers with; after `most` events it takes no more."""

    events: list[Event] = field(default_factory=list)
    status: int = 201
    most: int | None = None
    url: str = ""


@contextmanager
def running_receiver() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            is_full = receiver.most is not None and len(receiver.events) >= receiver.most
            status = 503 if is_full else receiver.status
            if status < 300:
                receiver.events.append(json.loads(body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield receiver
        finally:
            server.shutdown()


@dataclass(frozen=True)
class World:
    deployment: Path
    settings: Settings

    def huimin(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("HUIMIN_", "AIRFLOW", "OPENLINEAGE"))}
        own = {
            "PYTHONPATH": str(PROJECT_ROOT),
            "HUIMIN_DEPLOYMENT": str(self.deployment),
            "HUIMIN_HOME": str(self.settings.home),
            "HUIMIN_WAREHOUSE_URL": self.settings.warehouse_url,
            "HUIMIN_TRANSFORMER_URL": self.settings.transformer_url,
            "HUIMIN_PII_KEY": "k" * 48,
        }
        command = [sys.executable, "-c", "from loaders.cli import main; main()", *words]
        return subprocess.run(command, env=clean | own | more, capture_output=True, text=True, timeout=600, check=False)

    def send(self, **environment: str) -> str:
        done = self.huimin("lineage", "send", **environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def forget(self) -> None:
        self.execute("delete from ops.lineage_run")

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.settings.warehouse_url) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="module")
def world(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A deployment that was loaded, built and released once."""
    folder = tmp_path_factory.mktemp("lineage")
    deployment = folder / "qingxi"
    shutil.copytree(QINGXI, deployment)
    (deployment / "release_rules").mkdir(exist_ok=True)
    (deployment / "release_rules" / "rules.yml").write_text(LENIENT, encoding="utf-8")
    world = World(deployment, loaded_and_built(postgres, folder / "home", deployment))
    for words in (("release", "prepare", "--period", "2025-06"), ("release", "publish", "1", "--why", "checked", "--by", "Li")):
        done = world.huimin(*words)
        assert done.returncode == 0, done.stdout + done.stderr
    return world


@pytest.fixture(scope="module")
def events(world: World) -> list[Event]:
    """All that a receiver gets over HTTP at the first sending."""
    world.forget()
    with running_receiver() as receiver:
        world.send(OPENLINEAGE__TRANSPORT__TYPE="http", OPENLINEAGE__TRANSPORT__URL=receiver.url)
        return receiver.events


def edges(events: list[Event]) -> dict[tuple[str, str], set[tuple[str, str]]]:
    """From each dataset, those that some job makes of it."""
    found: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for event in events:
        outputs = {(one["namespace"], one["name"]) for one in event["outputs"]}
        for one in event["inputs"]:
            found.setdefault((one["namespace"], one["name"]), set()).update(outputs)
    return found


def path_between(start: tuple[str, str], end: str, graph: Mapping[tuple[str, str], set[tuple[str, str]]]) -> list[str]:
    waiting = [[start]]
    seen = {start}
    while waiting:
        path = waiting.pop(0)
        if path[-1][1].endswith(end):
            return [name for _, name in path]
        for one in sorted(graph.get(path[-1], ())):
            if one not in seen:
                seen.add(one)
                waiting.append([*path, one])
    return []


def of_job(events: list[Event], job: str, state: str) -> list[Event]:
    return [event for event in events if event["job"]["name"] == job and event.get("eventType") == state]


def test_a_path_leads_from_the_file_of_a_document_to_the_release(events: list[Event], world: World) -> None:
    graph = edges(events)
    ((uri, sha256),) = world.execute(
        "select source_uri, sha256 from ops.submission where report = 'canteen' and rows_loaded > 0 order by 1 limit 1"
    )
    connection, _, below = uri.partition(":/")
    path = path_between((f"qingxi/{connection}", below.lstrip("/")), ".release.value", graph)
    relations = [name.partition(".")[2] for name in path[1:]]
    assert relations[0] == "raw.canteen" and relations[-2:] == ["bi.indicator_value", "release.value"]
    schemas = list(dict.fromkeys(name.partition(".")[0] for name in relations))
    assert schemas[0] == "raw" and {"staging", "evidence", "indicators"} <= set(schemas), relations
    (document,) = [e for e in of_job(events, "load.canteen", "COMPLETE") if e["inputs"][0]["name"] == below.lstrip("/")]
    assert document["inputs"][0]["facets"]["version"]["datasetVersion"] == sha256
    (release,) = of_job(events, "release", "COMPLETE")
    ((released,),) = world.execute("select release_hash from release.release")
    assert release["outputs"][0]["facets"]["version"]["datasetVersion"] == released
    assert release["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"] > 0


def test_without_the_graph_of_models_the_path_is_the_same(events: list[Event]) -> None:
    """The first build makes views too; the runs alone tell the way."""
    runs = [event for event in events if "run" in event]
    start = next((i["namespace"], i["name"]) for e in runs if e["job"]["name"] == "load.canteen" for i in e["inputs"])
    assert path_between(start, ".release.value", edges(runs))
    assert [event for event in events if "run" not in event], "the graph was sent too"


def test_every_document_is_accounted_for_as_in_the_ledger(events: list[Event], world: World) -> None:
    ledger = {
        number: (total, loaded, quarantined, furniture, state)
        for number, total, loaded, quarantined, furniture, state in world.execute(
            "select submission_id, rows_total, rows_loaded, rows_quarantined, rows_furniture, state from ops.submission"
            " where loaded_at is not null"
        )
    }
    ends = [e for e in events if e["job"]["name"].startswith("load.") and e["eventType"] != "START"]
    found = {}
    for event in ends:
        account = event["inputs"][0]["inputFacets"]["huimin_rowAccount"]
        facet = event["run"]["facets"]["huimin_submission"]
        counts = tuple(account.get(name) for name in ("total", "loaded", "quarantined", "furniture"))
        found[facet["submissionId"]] = (*counts, facet["state"])
        assert (event["eventType"] == "FAIL") is (facet["state"] == "rejected")
        assert bool(event["outputs"]) is bool(account.get("loaded"))
    assert found == ledger and len(ends) == len(ledger)


def test_rule_results_are_those_of_the_ledger(events: list[Event], world: World) -> None:
    found: Counter[tuple[int, str]] = Counter()
    successes = 0
    for event in events:
        if event["job"]["name"].startswith("load.") and event["eventType"] != "START":
            number = event["run"]["facets"]["huimin_submission"]["submissionId"]
            for one in event["inputs"][0]["inputFacets"]["dataQualityAssertions"]["assertions"]:
                successes += one["success"]
                if not one["success"]:
                    found[number, one["assertion"]] += int(one["actual"])
    ledger = world.execute("select submission_id, rule, count(*) from ops.issue where cross_rule is null group by 1, 2")
    assert found and dict(found) == {(number, rule): count for number, rule, count in ledger}
    assert successes > 0


def test_facets_say_schema_revision_and_parent(events: list[Event]) -> None:
    loads = of_job(events, "load.canteen", "COMPLETE")
    columns = {one["name"] for one in loads[0]["outputs"][0]["facets"]["schema"]["fields"]}
    assert {"_submission_id", "_row"} < columns
    (build,) = of_job(events, "build_indicators", "COMPLETE")
    assert build["job"]["facets"]["sourceCodeLocation"]["version"]
    models = [e for e in events if e["job"]["name"].startswith("dbt.") and e.get("eventType") == "COMPLETE"]
    assert models and {e["run"]["facets"]["parent"]["run"]["runId"] for e in models} == {build["run"]["runId"]}
    assert all(e["run"]["facets"]["parent"]["job"]["name"] == "extract.canteen" for e in loads)


def test_no_event_holds_a_password_or_a_personal_number(events: list[Event], world: World) -> None:
    text = json.dumps(events, ensure_ascii=False)
    assert "postgres://127.0.0.1" in text or "postgres://localhost" in text
    assert "loader-secret" not in text and "transformer-secret" not in text
    from loaders.identifiers import redact

    # Ids of runs are random digits, of which some have the form of an account.
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", text)
    assert redact(text) == text


def test_each_run_is_sent_once_and_is_the_same_when_sent_again(events: list[Event], world: World) -> None:
    runs = Counter((e["run"]["runId"], e["eventType"]) for e in events if "run" in e)
    assert set(runs.values()) == {1}
    assert all(uuid.UUID(run).version == 5 for run, _ in runs)
    with running_receiver() as receiver:
        assert "nothing new" in world.send(OPENLINEAGE_URL=receiver.url)
        assert receiver.events == []
        world.forget()
        world.send(OPENLINEAGE_URL=receiver.url)
        assert Counter((e["run"]["runId"], e["eventType"]) for e in receiver.events if "run" in e) == runs


def test_a_file_gets_the_same_events(events: list[Event], world: World, tmp_path: Path) -> None:
    world.forget()
    target = tmp_path / "lineage.jsonl"
    config = tmp_path / "openlineage.yml"
    config.write_text(f"transport: {{type: file, log_file_path: {target}, append: true}}\n", encoding="utf-8")
    world.send(OPENLINEAGE_CONFIG=str(config))
    written = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines() if line]
    assert [_timeless(one) for one in written] == [_timeless(one) for one in events]


def _timeless(event: Event) -> Event:
    """Without the time of the graph, which is when it was sent."""
    return event if "run" in event else {**event, "eventTime": ""}


def test_a_receiver_that_is_down_stops_the_sending_and_what_was_taken_is_remembered(world: World) -> None:
    world.forget()
    with running_receiver() as receiver:
        receiver.status = 503
        environment = {
            "OPENLINEAGE__TRANSPORT__TYPE": "http",
            "OPENLINEAGE__TRANSPORT__URL": receiver.url,
            "OPENLINEAGE__TRANSPORT__RETRY": '{"total": 0}',
        }
        done = world.huimin("lineage", "send", **environment)
        assert done.returncode == 1 and "did not take an event" in done.stderr
        assert world.execute("select count(*) from ops.lineage_run") == [(0,)]
        # Each document has two events: the third of them is not whole.
        receiver.status, receiver.most = 201, 5
        assert world.huimin("lineage", "send", **environment).returncode == 1
        assert world.execute("select kind, count(*) from ops.lineage_run group by 1") == [("document", 2)]
        receiver.most = None
        world.send(**environment)
        loads = Counter(e["run"]["runId"] for e in receiver.events if e["job"]["name"].startswith("load."))
        assert len(loads) == len(world.execute("select submission_id from ops.submission where loaded_at is not null"))
        assert sorted(loads.values())[-2:] == [2, 3], "one start came twice, of the run that was not whole"


def test_only_what_ended_since_a_day_is_sent(world: World) -> None:
    world.forget()
    with running_receiver() as receiver:
        done = world.huimin("lineage", "send", "--since", "2999-01-01", OPENLINEAGE_URL=receiver.url)
        assert done.returncode == 0 and receiver.events == []


def test_without_a_receiver_it_says_what_to_set(world: World) -> None:
    done = world.huimin("lineage", "send")
    assert done.returncode == 2 and "OPENLINEAGE_URL" in done.stderr
