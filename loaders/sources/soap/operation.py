"""One operation of a service: zeep writes its envelope by the WSDL, an HTTP client with our limits sends it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import zeep
from lxml import etree
from zeep.exceptions import Error as ZeepError
from zeep.wsdl.bindings.soap import SoapBinding
from zeep.wsse.username import UsernameToken as SecurityToken

from loaders.contract.sources.http.auth import NoAuth
from loaders.contract.sources.request_values import NamedValues
from loaders.contract.sources.soap import Soap, UsernameToken
from loaders.sources.errors import SourceError
from loaders.sources.http.auth import credentials_of, make_auth, make_ssl_context, refusal_of
from loaders.sources.http.bounded_body import TooLarge, read_body
from loaders.sources.http.client import Answer
from loaders.sources.http.request_builder import PageCall, paging_parameters, put_field
from loaders.sources.retry import TransientError, with_retries
from loaders.sources.soap.local_wsdl import LocalTransport, WsdlError

MAX_BYTES = 64 * 1024**2
_BUSY = 429


class Operation:
    """Sends the requests of one operation. It follows no redirect, because a password is for the host of its connection.

    Raises:
        SourceError: the WSDL cannot be used or does not have the operation, or the connection lacks what `source.auth` needs.
    """

    def __init__(self, source: Soap, url: str, timeout: float, folder: Path) -> None:
        self._source = source
        self._timeout = timeout
        self._credentials = credentials_of(source.connection, url)
        self._address = self._credentials.origin + (source.path or urlsplit(url).path or "/")
        http_auth = NoAuth() if isinstance(source.auth, UsernameToken) else source.auth
        self._http = httpx.Client(
            auth=make_auth(http_auth, self._credentials),
            verify=make_ssl_context(http_auth, self._credentials) or True,
            timeout=timeout,
            trust_env=False,
            follow_redirects=False,
        )
        try:
            self._service = self._bind(folder)
        except BaseException:
            self._http.close()
            raise

    def ask(self, values: NamedValues, call: PageCall) -> Answer:
        """Returns the answer to one request.

        Raises:
            SourceError: no answer came, or one that is too large; or the arguments are not those of the operation.
        """
        arguments = values.render_tree(copy.deepcopy(self._source.arguments))
        for name, value in paging_parameters(self._source, call).items():
            put_field(arguments, name, value)
        try:
            body = with_retries(lambda: self.call(arguments))
        except TransientError as failure:
            raise SourceError(self._source.connection, f"no answer: {failure}", next_step="the next run tries again") from failure
        return Answer(httpx.codes.OK, "text/xml", body, httpx.URL(self._address))

    def call(self, arguments: dict[str, Any]) -> bytes:
        """Returns the body of the answer to one request.

        Raises:
            SourceError: the arguments are not those of the operation, or the server refuses us.
            TransientError: the line broke, the server is busy, or the answer did not come in time.
        """
        try:
            answer: bytes = self._service[self._source.operation](**arguments)
        except (TypeError, ValueError, ZeepError) as error:
            raise self._error(
                f"source.arguments are not those of {self._source.operation}: {error}", "correct source.arguments"
            ) from None
        return answer

    def close(self) -> None:
        """Closes the connection."""
        self._http.close()

    def _bind(self, folder: Path) -> Any:
        security = None
        if isinstance(self._source.auth, UsernameToken):
            secret = self._credentials.require_secret(self._source.auth.kind)
            security = SecurityToken(self._credentials.user, secret, use_digest=self._source.auth.digest)
        # What a WSDL imports goes through our transport, which reads files of this folder and nothing else.
        settings = zeep.Settings(raw_response=True, forbid_dtd=True, forbid_entities=True, forbid_external=False)
        try:
            transport = LocalTransport(folder, self._post)
            client = zeep.Client(str(folder / self._source.wsdl), wsse=security, transport=transport, settings=settings)
        except WsdlError as error:
            raise self._error(f"source.wsdl {self._source.wsdl}: {error}", "correct source.wsdl or its files") from None
        except (ZeepError, etree.LxmlError, OSError, ValueError, LookupError, AttributeError) as error:
            reason = f"{type(error).__name__}: {error}"
            raise self._error(f"source.wsdl {self._source.wsdl} cannot be used ({reason})", "save the WSDL file anew") from None
        bindings = dict(_bindings(client))
        chosen = [binding for name, binding in bindings.items() if self._source.port in {None, name}]
        if not chosen:
            raise self._error(f"source.wsdl has no SOAP port {self._source.port}", f"source.port is one of {', '.join(bindings)}")
        for binding in chosen:
            if self._source.operation in binding.all():
                return client.create_service(binding.name.text, self._address)
        names = sorted({name for binding in chosen for name in binding.all()})
        raise self._error(
            f"source.wsdl has no operation {self._source.operation}", f"source.operation is one of {', '.join(names[:20])}"
        )

    def _post(self, message: bytes, headers: dict[str, str]) -> bytes:
        path = urlsplit(self._address).path
        try:
            with self._http.stream("POST", self._address, content=message, headers=headers) as reply:
                body = read_body(reply, MAX_BYTES, self._timeout)
        except httpx.RequestError as error:
            parts = urlsplit(self._address)
            raise TransientError(
                f"{type(error).__name__} at {parts.scheme}://{parts.netloc.rpartition('@')[2]}{path} ({error})"
            ) from error
        except TransientError as error:
            raise TransientError(f"{path}: {error}") from None
        except TooLarge as error:
            raise self._error(f"{path} answers with more than {error}", "ask for less with source.asks_for") from None
        status, is_xml = reply.status_code, "xml" in reply.headers.get("Content-Type", "")
        if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            http_auth = NoAuth() if isinstance(self._source.auth, UsernameToken) else self._source.auth
            what, next_step = refusal_of(http_auth, reply)
            raise self._error(what, next_step)
        # A fault comes with status 500 and is an answer; a gateway's page is none.
        if status == _BUSY or (status >= httpx.codes.INTERNAL_SERVER_ERROR and not is_xml):
            raise TransientError(f"HTTP {status} at {path}")
        if not is_xml:
            kind = reply.headers.get("Content-Type", "no content type")
            raise self._error(
                f"expected XML at {path}, found HTTP {status}, {kind}", "correct source.path or the path of the connection's URL"
            )
        return body

    def _error(self, what: str, next_step: str) -> SourceError:
        return self._credentials.error(what, next_step)


def _bindings(client: zeep.Client) -> Iterator[tuple[str, SoapBinding]]:
    """Returns the SOAP bindings of a WSDL by the names of their ports; ports for plain HTTP are left out."""
    for service in client.wsdl.services.values():
        for port in service.ports.values():
            if isinstance(port.binding, SoapBinding):
                yield port.name, port.binding
