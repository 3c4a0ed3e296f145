import asyncio
import email
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from loaders.feedback import ChannelError, SmtpChannel
from loaders.outgoing_messages import Attachment, Message
from sample_city.servers.mail_server import start_mail

pytestmark = pytest.mark.integration

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MESSAGE = Message(
    recipient="stations@social-work.huizhou.example",
    subject="【数据质量反馈】双百社工站点名册 2023-06：2个问题",
    body_text="督导办：\n第7行…\n",
    body_html="<p>督导办：</p>",
    attachments=(
        Attachment("SW01_2023-06_问题清单.csv", "行,问题\n7,空\n".encode("utf-8-sig")),
        Attachment("441302_双百社工站点名册_2023-06.xlsx", b"PK\x03\x04", XLSX),
    ),
    header_id="<0123456789@huimin>",
    thread_id="<conversation@huimin>",
)


@pytest.fixture
def postbox(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    loop = asyncio.new_event_loop()
    server, port = loop.run_until_complete(start_mail(tmp_path / "mail"))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield tmp_path / "mail", port
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def only_letter(folder: Path) -> EmailMessage:
    (path,) = folder.glob("*.eml")
    letter = email.message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(letter, EmailMessage)
    return letter


def test_a_message_arrives_whole(postbox: tuple[Path, int]) -> None:
    folder, port = postbox
    SmtpChannel(f"smtp://127.0.0.1:{port}", "huimin@localhost").send(MESSAGE)
    letter = only_letter(folder)
    assert letter["To"] == MESSAGE.recipient
    assert letter["Subject"] == MESSAGE.subject
    plain, page = letter.get_body(("plain",)), letter.get_body(("html",))
    assert plain is not None and plain.get_content().splitlines() == MESSAGE.body_text.splitlines()
    assert page is not None and "督导办" in page.get_content()
    received = [
        (part.get_filename(), part.get_payload(decode=True), part.get_content_type()) for part in letter.iter_attachments()
    ]
    assert received == [(one.name, one.content, one.media_type) for one in MESSAGE.attachments]
    assert b"filename*=utf-8''SW01_2023-06_%E9%97%AE" in next(folder.glob("*.eml")).read_bytes().replace(b"\r\n ", b" ")
    assert (letter["Message-ID"], letter["References"]) == (MESSAGE.header_id, MESSAGE.thread_id)


def test_a_server_that_is_not_there_is_said_without_its_password() -> None:
    with pytest.raises(ChannelError, match="the next run tries again") as caught:
        SmtpChannel("smtp://user:hunter2@127.0.0.1:9", "huimin@localhost").send(MESSAGE)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:25", "smtp://", "127.0.0.1:25"])
def test_a_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(ChannelError, match="expected an smtp://"):
        SmtpChannel(url, "huimin@localhost")
