"""zeep's transport without a network of its own: schemas come from files beside the contract, requests go by our client."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from zeep.transports import Transport
from zeep.wsdl.utils import etree_to_string

_MAX_BYTES = 16 * 1024**2

Post = Callable[[bytes, dict[str, str]], bytes]


class WsdlError(Exception):
    """A file that a WSDL names cannot be had; the message says why and what to do."""


class LocalTransport(Transport):
    """Loads files below one folder, and hands requests to `post`."""

    def __init__(self, folder: Path, post: Post) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._folder = folder.resolve()
        self._post = post

    def load(self, url: str) -> bytes:
        """Returns the bytes of a file below the folder.

        Raises:
            WsdlError: it is on the network or elsewhere, too large, or missing.
        """
        if urlparse(url).scheme:
            raise WsdlError(f"it imports {url}: save that beside the WSDL file and write its name as location")
        path = Path(url).resolve()
        if not path.is_relative_to(self._folder):
            raise WsdlError(f"it imports {path.name} from outside the folder of the contract: put that beside the WSDL file")
        if not path.is_file():
            raise WsdlError(f"there is no file {path.relative_to(self._folder)} in the folder of the contract")
        if path.stat().st_size > _MAX_BYTES:
            raise WsdlError(f"{path.name} has more than {_MAX_BYTES:,} bytes")
        return path.read_bytes()

    def post_xml(self, address: str, envelope: Any, headers: Any) -> bytes:  # noqa: ARG002 - ours is the connection's address
        """Sends an envelope and returns the body of the answer."""
        return self._post(etree_to_string(envelope), dict(headers))
