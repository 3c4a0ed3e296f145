"""Servers of every make that cannot be reached, by the real drivers: each is given up in time, and no password is shown."""

import socket
import time

import pytest

from demo.ports import free_port
from loaders.sources import SourceError, retry
from loaders.sources.database.view_source import DatabaseSource
from tests.support.databases.urls import URLS
from tests.support.servers.error_text import full_error_text
from tests.support.servers.source_contracts import report

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("scheme", list(URLS))
def test_a_closed_port_is_tried_again_and_tells_no_password(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "TRIES", 2)
    monkeypatch.setattr(retry, "FIRST_PAUSE_SECONDS", 0.01)
    assert "check that the server runs; the next run tries again" in refusal(URLS[scheme].format(port=free_port()))


@pytest.mark.parametrize("scheme", list(URLS))
def test_a_host_that_takes_calls_and_is_mute_is_given_up(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "TRIES", 1)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        began = time.monotonic()
        assert "check that the server runs" in refusal(URLS[scheme].format(port=mute.getsockname()[1]))
        assert time.monotonic() - began < 10


def refusal(url: str) -> str:
    facts = {"kind": "database", "connection": "front", "relation": "S.V", "order_by": ["ID"]}
    contract = report(facts)
    made = DatabaseSource(contract, contract.source, url, 1.0)
    with pytest.raises(SourceError) as error:
        made.pull(None, (), None)
    assert "hush" not in full_error_text(error.value)
    return str(error.value)
