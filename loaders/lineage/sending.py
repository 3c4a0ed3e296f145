"""Sends what the ledger has and no receiver was told: models, documents, builds, releases, in this order.

Each run is remembered when its events were taken. What is not taken is sent next time; a receiver that is down stops the sending
and nothing else: whoever loads or builds does not wait for it.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from loaders.contract import Report, deployment_of, load_contracts
from loaders.dbt.model_graph import GraphNode, read_graph
from loaders.dbt.runner import ModelError, project_fingerprint
from loaders.lineage.naming import Names
from loaders.release.program_revision import git_revision
from loaders.settings import Settings
from loaders.warehouse import contract_sha256
from loaders.warehouse.connection import connect
from loaders.warehouse.monitoring import lineage_ledger

if TYPE_CHECKING:
    from openlineage.client import OpenLineageClient

_BATCH = 200
_FINGERPRINT_DIGITS = 15
_log = logging.getLogger(__name__)
Row = Mapping[str, Any]


class NotConfigured(RuntimeError):
    """No transport is set, or the library is not installed; the message says what to set."""


class ReceiverDown(RuntimeError):
    """The receiver did not take an event; the message names its kind. What was taken before is remembered."""


def open_client() -> OpenLineageClient:
    """Opens the client by its own configuration: `openlineage.yml`, `OPENLINEAGE_URL` or `OPENLINEAGE__TRANSPORT__…`.

    Raises:
        NotConfigured: there is none; the client would print all events.
    """
    try:
        from openlineage.client import OpenLineageClient, event_v2
    except ImportError:
        raise NotConfigured("lineage needs the extra: pip install 'huimin[lineage]'") from None
    from loaders.lineage.facets import PRODUCER

    event_v2.set_producer(PRODUCER)
    client = OpenLineageClient()
    if client.transport.kind == "console" and not (client.config.transport or {}).get("type"):
        raise NotConfigured(
            "no receiver of lineage is set: set OPENLINEAGE_URL, or write openlineage.yml (docs/operations/lineage.md)"
        )
    return client


def send_lineage(settings: Settings, client: OpenLineageClient, *, since: dt.datetime | None = None) -> dict[str, int]:
    """Sends all that is new, or of it what ended `since` a time. Returns the number of runs that were taken, by their kind.

    Raises:
        ReceiverDown: an event was not taken.
        ModelError: dbt cannot read its models; documents and releases were sent.
    """
    sender = _Sender(settings, client, since)
    sender.send_documents()
    sender.send_releases()
    sender.send_builds()
    return dict(sender.sent)


class _Sender:
    def __init__(self, settings: Settings, client: OpenLineageClient, since: dt.datetime | None) -> None:
        self._settings = settings
        self._client = client
        self._since = since
        self._names = Names(deployment_of(settings.expectations).name, settings.warehouse_url)
        self.sent: Counter[str] = Counter()

    def send_documents(self) -> None:
        """Sends the loads of documents, with what their rules found."""
        from loaders.lineage.ledger_events import document_events

        reports = load_contracts(self._settings.expectations).reports
        passed: dict[str, dict[tuple[str, str | None], None]] = {}
        columns: dict[str, list[dict[str, Any]]] = {}

        def send(rows: list[dict[str, Any]]) -> None:
            with connect(self._settings.warehouse_url) as connection:
                issues = _by_key(lineage_ledger.issues_of(connection, [row["submission_id"] for row in rows]), "submission_id")
                for name in {row["report"] for row in rows} - columns.keys():
                    columns[name] = lineage_ledger.raw_columns(connection, name)
            for row in rows:
                report = reports.get(row["report"])
                rules = passed.setdefault(row["report"], _rules_of(report) if report else {})
                own = issues[row["submission_id"]]
                # Only of the contract that the document was validated by is known which rules ran, and none of a refused one.
                is_current = report is not None and row["contract_sha256"] == contract_sha256(report)
                failed = {(one["rule"], one["column_name"]) for one in own}
                without = [one for one in rules if one not in failed] if is_current and row["rows_loaded"] is not None else []
                self._emit(document_events(row, own, without, columns[row["report"]], self._names), "document")
                self._remember("document", row["submission_id"])

        self._in_batches("document", send)

    def send_releases(self) -> None:
        """Sends the releases."""
        from loaders.lineage.ledger_events import release_events

        def send(rows: list[dict[str, Any]]) -> None:
            for row in rows:
                self._emit(release_events(row, [], self._names), "release")
                self._remember("release", row["release_number"])

        self._in_batches("release", send)

    def send_builds(self) -> None:
        """Sends the graph of the models if it is new, and the builds that ended well."""
        from loaders.lineage.model_events import build_events, graph_events

        with connect(self._settings.warehouse_url) as connection:
            if not lineage_ledger.unsent(connection, "build", self._since, 1):
                return
        project, graph = project_fingerprint(self._settings), read_graph(self._settings)
        number = int(project[:_FINGERPRINT_DIGITS], 16)
        with connect(self._settings.warehouse_url) as connection:
            is_known = lineage_ledger.is_sent(connection, "project", number)
        if not is_known:
            self._emit(graph_events(graph, git_revision(), dt.datetime.now(dt.UTC), self._names), "project")
            self._remember("project", number)

        def send(rows: list[dict[str, Any]]) -> None:
            with connect(self._settings.warehouse_url) as connection:
                models = _by_key(lineage_ledger.models_of(connection, [row["build_id"] for row in rows]), "build_id")
            for row in rows:
                own: Mapping[str, GraphNode] | None = graph if row["project"] == project else None
                self._emit(build_events(row, models[row["build_id"]], own, self._names), "build")
                self._remember("build", row["build_id"])

        self._in_batches("build", send)

    def _in_batches(self, kind: str, send: Callable[[list[dict[str, Any]]], None]) -> None:
        while True:
            with connect(self._settings.warehouse_url) as connection:
                rows = lineage_ledger.unsent(connection, kind, self._since, _BATCH)
            if not rows:
                return
            send(rows)

    def _emit(self, events: Iterable[Any], kind: str) -> None:
        for one in events:
            try:
                self._client.emit(one)
            except Exception as error:
                # Whatever a transport raises: of requests, of a file, of Kafka. Its words may hold an address with a password.
                raise ReceiverDown(f"the receiver of lineage did not take an event ({kind}: {type(error).__name__})") from error

    def _remember(self, kind: str, key: int) -> None:
        with connect(self._settings.warehouse_url) as connection:
            lineage_ledger.mark_sent(connection, kind, [key])
        self.sent[kind] += 1


def send_if_configured(settings: Settings) -> dict[str, int]:
    """Sends what is new after a build; empty where no receiver is set, or where it is down: nothing waits for it."""
    try:
        return send_lineage(settings, open_client())
    except NotConfigured:
        return {}
    except (ReceiverDown, ModelError) as error:
        _log.warning("%s; what was not sent is sent next time", error)
        return {}


def _rules_of(report: Report) -> dict[tuple[str, str | None], None]:
    """The code and column of each rule of a report, in their order, as issues name them."""
    from loaders.validation.rules.rule_set import rules_of

    # An issue points at the first column of its rule.
    return {(rule.expect, rule.columns[0] if rule.columns else None): None for rule in rules_of(report)}


def _by_key(rows: Iterable[Row], key: str) -> defaultdict[int, list[Row]]:
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[key]].append(row)
    return found
