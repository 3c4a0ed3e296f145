"""Mails whose attachments are documents: a real IMAP server, and the whole way on the ledger."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loaders.contract import Report
from loaders.sources import SourceError, retry
from loaders.sources.mailbox.mailbox_source import MailboxSource
from tests.support.documents.archives import raw_name_zip
from tests.support.servers.background import Background
from tests.support.servers.certificates import make_certificate
from tests.support.servers.error_text import full_error_text
from tests.support.servers.imap import ImapServer, mail
from tests.support.servers.source_contracts import report
from tests.support.warehouse.world import World, running_world, table

pytestmark = pytest.mark.integration

SENDERS = {"huicheng@example.org": "441302", "@boluo.example.org": "441303"}
MAILBOX: dict[str, Any] = {
    "kind": "mailbox",
    "connection": "office_mail",
    "subject": r".*(?P<period>\d{4}-\d{2}).*",
    "attachments": r"(?:(?P<unit>441302|441303)_)?[^/]*\.(csv|zip)",
    "senders": SENDERS,
}


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE_SECONDS", 0.01)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ImapServer]:
    with Background() as background:
        running = ImapServer(background, make_certificate(tmp_path))
        try:
            running.empty()
            yield running
        finally:
            running.close()


@pytest.fixture
def world(tmp_path: Path, warehouse_url: str, server: ImapServer) -> Iterator[World]:
    with running_world(tmp_path, warehouse_url) as running:
        running.connect("office_mail", server.url())
        yield running


def contract(**changes: Any) -> Report:
    facts = {"units": ["441302", "441303"], "format": {"kind": "delimited"}, "period_kind": "month"}
    return report(MAILBOX | changes, **facts)


def source_at(url: str, **changes: Any) -> MailboxSource:
    made = contract(**changes)
    return MailboxSource(made, made.source, url, 10.0)


@pytest.mark.parametrize("scheme", ["imaps", "imap"])
def test_mails_come_as_they_are_and_are_not_marked(server: ImapServer, scheme: str) -> None:
    sent = mail("huicheng@example.org", "报表 2023-05", {"a.csv": b"1"}, message_id="1@example.org")
    server.send(sent)
    server.send(mail("x@boluo.example.org", "回复：报表2023-06", {"b.csv": b"2"}))
    server.send(mail("huicheng@example.org", "周末活动", {"c.csv": b"3"}))
    server.send(mail("fremd@example.org", "报表 2023-05", {"d.csv": b"4"}))
    source = source_at(server.url(scheme))
    found = source.pull(None, frozenset(), None)
    first, second = found.remote_documents
    assert (first.uri, first.unit, str(first.period)) == ("office_mail:INBOX/<1@example.org>", "441302", "2023-05")
    assert second.uri.startswith("office_mail:INBOX/<") and (second.unit, str(second.period)) == ("441303", "2023-06")
    assert found.unknown_senders == ("fremd@example.org",) and found.present is None
    target = io.BytesIO()
    source.fetch(first, target)
    assert target.getvalue().replace(b"\r\n", b"\n") == sent.as_bytes().replace(b"\r\n", b"\n")
    assert source.pull(found.cursor_to, frozenset(), None).remote_documents == (), "the watermark is the UID"
    source.close()
    other = source_at(server.url(scheme), senders={**SENDERS, "fremd@example.org": "441302"})
    assert len(other.pull(found.cursor_to, frozenset(), None).remote_documents) == 3, (
        "a changed contract looks at all mails again"
    )
    other.close()
    assert server.flags_and_count("INBOX") == (4, set())


def test_what_is_wrong_with_a_mailbox_names_what_to_correct(server: ImapServer) -> None:
    with pytest.raises(SourceError, match="check user and password") as refused:
        source_at(server.url(password="geheim/1")).pull(None, frozenset(), None)
    assert "geheim" not in full_error_text(refused.value)
    with pytest.raises(SourceError, match=r"correct source\.folder"):
        source_at(server.url(), folder="没有").pull(None, frozenset(), None)
    with pytest.raises(SourceError, match=r"not trusted.*add \?ca=PATH"):
        source_at(server.url(x="y")).pull(None, frozenset(), None)
    with pytest.raises(SourceError, match="expected a imaps://, imap:// URL"):
        source_at("pop3://a@b").pull(None, frozenset(), None)


def test_attachments_of_two_units_are_two_documents(world: World, server: ImapServer) -> None:
    world.contract(source=MAILBOX)
    attachments = {f"{unit}_探访.csv": table((f"k{unit}", 1)) for unit in ("441302", "441303")}
    server.send(mail("huicheng@example.org", "2023-05 探访", attachments, message_id="1@example.org"))
    world.load()
    assert world.current() == {("2023-05", "k441302"), ("2023-05", "k441303")}
    rows = world.query("select source_uri, unit_code, state from ops.submission order by unit_code")
    assert rows == [(f"office_mail:INBOX/<1@example.org>!/{unit}_探访.csv", unit, "accepted") for unit in ("441302", "441303")]
    world.check_account()
    server.empty()
    world.load()
    assert len(world.current()) == 2, "a mail that was deleted is not gone"
    server.send(mail("x@boluo.example.org", "2023-05 更正", {"更正.csv": table(("k441303", 7))}))
    world.load()
    assert world.query("select amount from raw.visit where _superseded_at is null and code = 'k441303'") == [(7,)]
    assert world.reported() == []


def test_zips_in_mails_senders_that_nobody_knows_and_mails_without_attachments(world: World, server: ImapServer) -> None:
    world.contract(source=MAILBOX | {"container": {"kind": "zip", "members": r"(?P<unit>441302|441303)_[^/]*\.csv"}})
    packed = raw_name_zip({f"{unit}_探访.csv".encode("gbk"): table((f"k{unit}", 1)) for unit in ("441302", "441303")})
    server.send(mail("huicheng@example.org", "2023-05", {"报表.zip": packed, "winmail.dat": b"x"}, message_id="1@x"))
    server.send(mail("huicheng@example.org", "2023-06", message_id="2@x"))
    server.send(mail("fremd@example.org", "2023-05", {"441302_x.csv": table(("x", 1))}))
    world.load()
    assert world.current() == {("2023-05", "k441302"), ("2023-05", "k441303")}
    letters = {letter.partition(":")[0]: letter for letter in world.reported()}
    assert "winmail.dat" in letters["a@example.org"] and "<2@x>" in letters["a@example.org"]
    assert "其中没有文件" in letters["a@example.org"]
    assert "fremd@example.org" in letters["engineers@example.org"] and "source.senders" in letters["engineers@example.org"]
    world.load()
    assert world.reported() == []
    world.check_account()


def test_a_mail_whose_documents_are_in_the_ledger_is_moved(world: World, server: ImapServer) -> None:
    world.contract(source=MAILBOX | {"when_done": {"move": "已入库"}})
    server.send(mail("huicheng@example.org", "2023-05", {"a.csv": table(("k1", 1))}, message_id="1@x"))
    server.send(mail("huicheng@example.org", "午餐", {"a.csv": b"x"}))
    world.load()
    assert world.current() == {("2023-05", "k1")}
    assert server.flags_and_count("INBOX")[0] == 1
    assert server.flags_and_count("&XfJRZV6T-")[0] == 1
    server.send(mail("huicheng@example.org", "2023-06", {"a.csv": table(("k2", 1))}, message_id="2@x"))
    world.load()
    assert world.current() == {("2023-05", "k1"), ("2023-06", "k2")}
    assert server.flags_and_count("&XfJRZV6T-")[0] == 2
