"""WebDAV as a file system for `RemoteFiles`: PROPFIND and GET. Names are percent-encoded UTF-8, or GBK from old servers."""

from __future__ import annotations

import datetime as dt
import ssl
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import SplitResult, quote, unquote, unquote_to_bytes, urlsplit

import httpx
from lxml import etree

from loaders.sources.errors import SourceError
from loaders.sources.remote_files import RemoteFiles
from loaders.sources.transports.tls import certificate_refused, tls_context

_ASKED = (
    b'<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop>'
    b"<resourcetype/><getcontentlength/><getlastmodified/></prop></propfind>"
)
_LARGEST_LISTING = 64 * 1024**2
_DAV = "{DAV:}"
_NOT_WEBDAV = frozenset({400, 405, 501})


def open_webdav(connection: str, parts: SplitResult, query: Mapping[str, str], timeout: float) -> RemoteFiles:
    """Opens a WebDAV server: `webdav://` without TLS, `webdavs://` with TLS and the certificate checked.

    Raises:
        SourceError: the URL is wrong.
    """
    is_secure = parts.scheme == "webdavs"
    host = parts.netloc.rpartition("@")[2]
    auth = httpx.BasicAuth(unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    client = httpx.Client(
        base_url=f"{'https' if is_secure else 'http'}://{host}",
        auth=auth,
        timeout=timeout,
        verify=tls_context(connection, query) if is_secure else True,
        # A packed answer would have another size than its file; a redirect may lead to another host.
        headers={"Accept-Encoding": "identity"},
        follow_redirects=False,
        trust_env=False,
    )
    system = WebdavSystem(connection, client)
    failures = (OSError, httpx.TransportError, etree.LxmlError)
    return RemoteFiles(connection, system, timeout, refusals=(PermissionError,), failures=failures, close=client.close)


class WebdavSystem:
    """The calls of a file system that `RemoteFiles` needs."""

    def __init__(self, connection: str, client: httpx.Client) -> None:
        self._connection = connection
        self._client = client
        # Where a listing named a file in bytes of its own, a request must repeat them.
        self._raw_paths: dict[str, str] = {}

    def invalidate_cache(self) -> None:
        """Does nothing: nothing is cached."""

    def ls(self, folder: str, detail: bool = True) -> list[dict[str, Any]]:  # noqa: ARG002 - always in detail
        """Lists one folder.

        Raises:
            FileNotFoundError: there is no such folder.
            PermissionError: it may not be read.
            SourceError: the server does not let us in, or is no WebDAV server.
        """
        found = self._propfind(folder, "1")
        return [facts for facts in found if facts["name"].strip("/") != folder.strip("/")]

    def info(self, path: str) -> dict[str, Any]:
        """Looks up one file; raises as `ls` does."""
        found = self._propfind(path, "0")
        if not found:
            raise FileNotFoundError(path)
        return found[0] | {"name": path}

    def open(self, path: str, mode: str = "rb", **_: object) -> _Download:  # noqa: ARG002 - reads only
        """Opens a file; raises as `ls` does."""
        response = self._send(self._client.build_request("GET", self._path(path)), path, stream=True)
        return _Download(response)

    def _propfind(self, path: str, depth: str) -> list[dict[str, Any]]:
        request = self._client.build_request(
            "PROPFIND", self._path(path), content=_ASKED, headers={"Depth": depth, "Content-Type": "application/xml"}
        )
        response = self._send(request, path)
        if len(response.content) > _LARGEST_LISTING:
            raise SourceError(self._connection, f"the listing of {path} is too long", next_step="use folders, e.g. one per month")
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        root = etree.fromstring(response.content, parser)
        return [self._facts(entry) for entry in root.iter(f"{_DAV}response")]

    def _facts(self, entry: Any) -> dict[str, Any]:
        href = urlsplit(entry.findtext(f"{_DAV}href") or "").path
        name = _decoded(href)
        self._raw_paths[name.rstrip("/")] = href
        is_folder = entry.find(f".//{_DAV}resourcetype/{_DAV}collection") is not None
        size = entry.findtext(f".//{_DAV}getcontentlength") or ""
        time = entry.findtext(f".//{_DAV}getlastmodified")
        return {
            "name": name.rstrip("/"),
            "type": "directory" if is_folder else "file",
            "size": int(size) if size.isdecimal() else 0,
            "mtime": _time(time),
        }

    def _path(self, path: str) -> str:
        return self._raw_paths.get(path.rstrip("/")) or quote(path.encode("utf-8", "surrogateescape"))

    def _send(self, request: httpx.Request, path: str, *, stream: bool = False) -> httpx.Response:
        try:
            response = self._client.send(request, stream=stream)
        except httpx.ConnectError as error:
            cause = _certificate_error(error)
            if cause is not None:
                raise certificate_refused(self._connection, request.url.netloc.decode(), cause) from error
            raise
        if response.is_success:
            return response
        response.close()
        code = response.status_code
        if code in {404, 410}:
            raise FileNotFoundError(path)
        if code == 403:
            raise PermissionError(path)
        if code == 401:
            what = f"{request.url.host} does not let us in (401)"
            raise SourceError(self._connection, what, next_step="check user and password in the URL")
        if response.is_redirect or code in _NOT_WEBDAV:
            what = f"{path} answers {code}, as no WebDAV folder does"
            raise SourceError(self._connection, what, next_step="correct the host, the scheme or the path of the URL")
        raise OSError(f"HTTP {code}")


class _Download:
    """A file that is being received."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self._chunks = response.iter_bytes()
        self._rest = b""

    def read(self, size: int) -> bytes:
        """Returns the next bytes; none at the end."""
        data = self._rest or next(self._chunks, b"")
        self._rest = data[size:]
        return data[:size]

    def close(self) -> None:
        """Ends the transfer."""
        self._response.close()


def _decoded(href: str) -> str:
    raw = unquote_to_bytes(href)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("gb18030", "surrogateescape")


def _time(text: str | None) -> dt.datetime | int:
    try:
        return parsedate_to_datetime(text) if text else 0
    except ValueError:
        return 0


def _certificate_error(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error
        error = error.__cause__ or error.__context__
    return None
