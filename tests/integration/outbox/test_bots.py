"""Bots over real HTTP: what was taken is what the body of the answer says, and no secret is in what is logged."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from urllib.parse import quote

import pytest

from loaders.feedback import ChannelDown, ChannelError, open_channel, split_message
from loaders.feedback.channels.splitting import size_of
from loaders.outgoing_messages import Message
from loaders.settings import Settings
from tests.support.servers import bots
from tests.support.servers.bots import BotServer, bot_server

pytestmark = pytest.mark.integration

VENDORS = ("wecom", "dingtalk", "feishu")
MESSAGE = Message("duty_group", "【数据质量反馈】名册：2个问题", "第7行：空\n", header_id="<0123456789@huimin>")
LIMITS = {"wecom": 2_048, "dingtalk": 20_000, "feishu": 20_480}


@pytest.fixture
def server() -> Iterator[BotServer]:
    with bot_server() as running:
        yield running


def with_bot(settings: Settings, url: str) -> Settings:
    return replace(settings, connections={"duty_group": url})


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_message_arrives_signed_and_with_its_number(server: BotServer, settings: Settings, vendor: str) -> None:
    open_channel(vendor, "duty_group", with_bot(settings, server.url(vendor))).send(MESSAGE)
    assert server.texts[vendor] == ["【数据质量反馈】名册：2个问题\n第7行：空\n#01234567"]


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("state", [state for state in bots.STATES if state != bots.HEALTHY])
def test_what_was_not_taken_is_an_error_without_secrets(server: BotServer, settings: Settings, vendor: str, state: str) -> None:
    server.state = state
    channel = open_channel(vendor, "duty_group", with_bot(settings, server.url(vendor)), message_seconds=0.5)
    started = time.monotonic()
    with pytest.raises(ChannelError) as caught:
        channel.send(MESSAGE)
    assert time.monotonic() - started < 5
    assert isinstance(caught.value, ChannelDown) is (state not in {bots.REFUSES, bots.NO_JSON})
    assert "duty_group" in str(caught.value)
    assert not any(secret in str(caught.value) for secret in (bots.TOKEN, bots.SECRET, "echo"))
    if state == bots.MUTED and isinstance(caught.value, ChannelDown):
        assert caught.value.retry_after == (600 if vendor == "dingtalk" else 60)


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_wrong_secret_or_server_is_said_without_it(server: BotServer, settings: Settings, vendor: str) -> None:
    wrong = server.url(vendor).replace(bots.SECRET, "guessed-secret")
    if vendor != "wecom":
        with pytest.raises(ChannelError, match="code 310000") as caught:
            open_channel(vendor, "duty_group", with_bot(settings, wrong)).send(MESSAGE)
        assert "guessed" not in str(caught.value)
    gone = f"{vendor}://:{bots.TOKEN}@127.0.0.1:9?scheme=http"
    with pytest.raises(ChannelDown, match="ConnectError") as unreachable:
        open_channel(vendor, "duty_group", with_bot(settings, gone)).send(MESSAGE)
    assert bots.TOKEN not in str(unreachable.value)


@pytest.mark.parametrize("url", ["wecom://host", "https://:k@host", "wecom://:k@host:port", ""])
def test_a_connection_of_another_kind_is_refused_by_name(settings: Settings, url: str) -> None:
    with pytest.raises(ChannelDown, match=r'expected wecom://:TOKEN@host in the connection "duty_group"'):
        open_channel("wecom", "duty_group", with_bot(settings, url))


@pytest.mark.skipif(find_spec("apprise") is not None, reason="the package apprise is installed")
def test_a_service_of_apprise_needs_its_package(settings: Settings) -> None:
    with pytest.raises(ChannelDown, match=r"install huimin\[apprise\]"):
        open_channel("apprise", "duty_group", with_bot(settings, "apprise://?url=json%3A%2F%2Flocalhost"))


def test_a_message_arrives_through_apprise(settings: Settings) -> None:
    pytest.importorskip("apprise", reason="needs the extra: pip install huimin[apprise]")
    arrived: list[dict[str, object]] = []
    answers = [200, 500]

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            arrived.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(answers[len(arrived) - 1])
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        url = quote(f"json://127.0.0.1:{server.server_address[1]}/notify", safe="")
        channel = open_channel("apprise", "duty_group", with_bot(settings, f"apprise://?url={url}"))
        channel.send(MESSAGE)
        with pytest.raises(ChannelError, match="duty_group"):
            channel.send(MESSAGE)
        server.shutdown()
    assert [arrived[0][name] for name in ("title", "message")] == [MESSAGE.subject, "第7行：空\n#01234567"]
    with pytest.raises(ChannelDown, match="expected apprise"):
        open_channel("apprise", "duty_group", with_bot(settings, "apprise://?url=no-service"))


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_long_message_comes_in_parts_that_each_bot_takes(server: BotServer, settings: Settings, vendor: str) -> None:
    lines = [f"第{number}行：“镇（街道）代码”填的是“441302999”👍🏽，应为本市代码表中的值。" for number in range(700)]
    parts = split_message(replace(MESSAGE, channel=vendor, body_text="\n".join(lines)))
    channel = open_channel(vendor, "duty_group", with_bot(settings, server.url(vendor)))
    for part in parts:
        channel.send(part)
    texts = server.texts[vendor]
    assert len(texts) == len(parts) > 1
    assert all(size_of(text) <= LIMITS[vendor] for text in texts)
    assert "�" not in "".join(texts)
    told = "\n".join(texts)
    assert [line for line in lines if line not in told] == []
