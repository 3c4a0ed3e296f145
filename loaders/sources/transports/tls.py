"""TLS to servers whose certificates come from an authority of their own."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path

from loaders.sources.errors import SourceError


def tls_context(connection: str, query: Mapping[str, str]) -> ssl.SSLContext:
    """Returns a context that checks the server's certificate and host name: by `?ca=PATH` alone, or by the system's authorities.

    Raises:
        SourceError: there is no such file, or it holds no certificate.
    """
    path = query.get("ca")
    if path is not None and not Path(path).is_file():
        raise SourceError(connection, f"there is no file {path}", next_step="correct ca in the URL")
    try:
        return ssl.create_default_context(cafile=path)
    except ssl.SSLError as error:
        raise SourceError(
            connection, f"{path} holds no certificate ({error.reason})", next_step="correct ca in the URL"
        ) from error


def certificate_refused(connection: str, host: str, error: ssl.SSLCertVerificationError) -> SourceError:
    """Builds the error of a server whose certificate is not trusted."""
    return SourceError(
        connection,
        f"the certificate of {host} is not trusted ({error.verify_message})",
        next_step="add ?ca=PATH of its authority's certificate to the URL, and write the host as the certificate names it",
    )
