"""Authentication of HTTP requests: `make_auth` and `make_ssl_context` are all that a client needs.

credentials = credentials_of(connection, url)
httpx.Client(auth=make_auth(auth, credentials), verify=make_ssl_context(auth, credentials) or True)
"""

from loaders.sources.http.auth.credentials import Credentials, credentials_of
from loaders.sources.http.auth.factory import make_auth
from loaders.sources.http.auth.refusals import refusal_of
from loaders.sources.http.auth.tls import make_ssl_context

__all__ = ["Credentials", "credentials_of", "make_auth", "make_ssl_context", "refusal_of"]
