"""TLS of a connection: an authority of its own, and a client certificate."""

from __future__ import annotations

import ssl

from loaders.contract.sources.http.auth import HttpAuth, MutualTls
from loaders.sources.http.auth.credentials import Credentials


def make_ssl_context(auth: HttpAuth, credentials: Credentials) -> ssl.SSLContext | None:
    """Returns the context for the files that the connection's URL names; None where it names none.

    `?ca=` is the certificate authority to trust instead of the public ones; `client_cert` and `client_key` are our certificate
    and its key, `client_key_password` the key's password. All files are PEM.

    Raises:
        SourceError: a file is missing or cannot be used, or the contract asks for a client certificate and there is none.
    """
    has_certificate = isinstance(auth, MutualTls) or "client_cert" in credentials.extras
    if not has_certificate and "ca" not in credentials.extras:
        return None
    if not credentials.origin.startswith("https://"):
        raise credentials.error("certificates need https, found http://", "correct the scheme of its URL")
    name = "ca"
    try:
        # A connection with an authority of its own trusts no other.
        context = ssl.create_default_context(cafile=str(credentials.file(name)) if name in credentials.extras else None)
        if has_certificate:
            name = "client_cert"
            certificate, key = credentials.file(name), credentials.file("client_key")
            # Without a password OpenSSL would ask for one at the terminal.
            context.load_cert_chain(certificate, key, credentials.extras.get("client_key_password", ""))
    except (OSError, ValueError) as error:
        reason = error.reason if isinstance(error, ssl.SSLError) else type(error).__name__
        raise credentials.error(
            f"the file of {name} in its URL cannot be used ({reason})", "expected PEM, and the key of that certificate"
        ) from None
    return context
