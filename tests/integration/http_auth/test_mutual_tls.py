"""Client certificates and an authority of one's own, against a TLS server that asks for both."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from loaders.sources import SourceError
from tests.integration.http_auth.conftest import Open
from tests.support.servers.background import Background
from tests.support.servers.error_text import full_error_text
from tests.support.servers.guarded_api import GuardedApi, json_answer

pytestmark = pytest.mark.integration


@dataclass(frozen=True)
class Files:
    """PEM files of an authority and of a client that it knows."""

    ca: Path
    certificate: Path
    key: Path
    locked_key: Path

    def query(self, **changes: Path | str) -> str:
        named = {"ca": self.ca, "client_cert": self.certificate, "client_key": self.key} | changes
        return "?" + "&".join(f"{name}={value}" for name, value in named.items() if value)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def files(authority: trustme.CA, tmp_path: Path) -> Files:
    client = authority.issue_cert("huimin@client.example")
    files = Files(*(tmp_path / name for name in ("ca.pem", "client.pem", "client.key", "locked.key")))
    authority.cert_pem.write_to_path(files.ca)
    client.cert_chain_pems[0].write_to_path(files.certificate)
    client.private_key_pem.write_to_path(files.key)
    key = serialization.load_pem_private_key(files.key.read_bytes(), None)
    locked = serialization.BestAvailableEncryption(b"hidden")
    files.locked_key.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked))
    return files


@pytest.fixture
def api(background: Background, authority: trustme.CA) -> Iterator[GuardedApi]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    running = GuardedApi(background, lambda seen: json_answer({}), context)
    yield running
    running.close()


def test_a_client_with_a_certificate_is_let_in(api: GuardedApi, open_client: Open, files: Files) -> None:
    assert open_client({"kind": "mtls"}, api.url + files.query()).get("/list").status_code == 200


def test_a_client_without_one_is_refused_by_the_server(api: GuardedApi, open_client: Open, files: Files) -> None:
    client = open_client({"kind": "none"}, api.url + files.query(client_cert="", client_key=""))
    with pytest.raises(httpx.RequestError):
        client.get("/list")
    assert api.requests == []


def test_a_contract_that_asks_for_one_is_refused_without(api: GuardedApi, open_client: Open, files: Files) -> None:
    with pytest.raises(SourceError, match="its URL has no client_cert; add client_cert=/path"):
        open_client({"kind": "mtls"}, api.url + f"?ca={files.ca}")


def test_a_server_of_an_unknown_authority_is_not_trusted(api: GuardedApi, open_client: Open, files: Files) -> None:
    client = open_client({"kind": "mtls"}, api.url + files.query(ca=""))
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        client.get("/list")


def test_a_certificate_goes_with_another_kind_and_with_its_token_request(
    api: GuardedApi, open_client: Open, files: Files
) -> None:
    api.handler = lambda seen: json_answer({"access_token": "abc"})
    auth = {"kind": "oauth2_client_credentials", "token_url": "/token"}
    url = api.with_credentials("client", "secret", files.query(client_key=files.locked_key, client_key_password="hidden"))
    assert open_client(auth, url).get("/list").status_code == 200
    assert api.paths() == ["/token", "/list"]


@pytest.mark.parametrize("password", ["", "wrong"])
def test_a_key_that_cannot_be_opened_is_reported(api: GuardedApi, open_client: Open, files: Files, password: str) -> None:
    url = api.url + files.query(client_key=files.locked_key, client_key_password=password)
    with pytest.raises(SourceError, match="the file of client_cert in its URL cannot be used"):
        open_client({"kind": "mtls"}, url)


def test_files_that_are_missing_or_no_certificates_are_reported(
    api: GuardedApi, open_client: Open, files: Files, tmp_path: Path
) -> None:
    with pytest.raises(SourceError, match=r"ca of its URL names .*absent\.pem, which is no file; correct ca"):
        open_client({"kind": "mtls"}, api.url + files.query(ca=tmp_path / "absent.pem"))
    (tmp_path / "text.pem").write_text("no certificate")
    with pytest.raises(SourceError, match="the file of ca in its URL cannot be used") as error:
        open_client({"kind": "mtls"}, api.url + files.query(ca=tmp_path / "text.pem"))
    assert "client_key" not in full_error_text(error.value)


def test_certificates_need_https(open_client: Open, files: Files) -> None:
    with pytest.raises(SourceError, match="certificates need https, found http://"):
        open_client({"kind": "mtls"}, "http://127.0.0.1:1" + files.query())
