"""Every report of the sample city can be pulled from its contract alone, landed, and pulled again for nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.embedded_postgres import EmbeddedPostgres
from loaders.contract import load_reports
from loaders.landing import land
from loaders.model import KnownVersion
from loaders.settings import PROJECT_ROOT, Settings
from loaders.sources import open_source
from sample_city.build import build_city
from sample_city.reference.timetable import Span
from sample_city.servers.serve import running_servers
from tests.support.servers.background import Background

pytestmark = pytest.mark.integration

REPORTS = load_reports(PROJECT_ROOT / "expectations")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    home = tmp_path_factory.mktemp("city")
    build_city(home, 7, Span.parse("2021-01:2021-03"))
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres") / "server")
    server.start()
    try:
        with Background() as background:
            servers = running_servers(home, server.url())
            connections = background.run(servers.__aenter__())
            yield Settings(home=home, warehouse_url="", pii_key=b"", connections=connections)
            background.run(servers.__aexit__(None, None, None))
    finally:
        server.remove()


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_pulled_once(settings: Settings, tmp_path: Path, name: str) -> None:
    report = REPORTS[name]
    if report.source.connection not in settings.connections:
        pytest.skip(f"the sample city has no {report.source.connection}")
    with open_source(report, settings) as source:
        first = source.pull(None, frozenset(), None)
        for remote_document in first.remote_documents:
            landed = land(tmp_path, lambda target, remote_document=remote_document: source.fetch(remote_document, target))
            assert landed.size > 0 or remote_document.size == 0
        seen = [
            KnownVersion(remote_document.uri, remote_document.size, remote_document.modified_at)
            for remote_document in first.remote_documents
        ]
        assert not first.waiting and not first.unmatched
    with open_source(report, settings) as source:
        assert source.pull(first.cursor_to, seen, None).remote_documents == ()
