"""Whether a request may read the metrics: by a bearer token, or by the address that it comes from."""

from __future__ import annotations

import hmac
import ipaddress

from fastapi import Request

from loaders.pages.access.access_file import MetricsAccess
from loaders.pages.access.accounts import token_sha256

_BEARER = "bearer "
# A proxy on this machine passes on the requests of the world, and would make all of them look local.
_OF_A_PROXY = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


def may_read_metrics(request: Request, access: MetricsAccess) -> bool:
    """Whether the file of the deployment lets the sender of a request read the metrics."""
    if access.sha256:
        return _has_token(request.headers.get("authorization", ""), access.sha256)
    if request.client is None or any(name in request.headers for name in _OF_A_PROXY):
        return False
    try:
        address = ipaddress.ip_address(request.client.host)
    except ValueError:
        return False
    # A socket for both families shows an IPv4 address as ::ffff:127.0.0.1.
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in ipaddress.ip_network(network) for network in access.networks)


def _has_token(authorization: str, hashes: tuple[str, ...]) -> bool:
    if not authorization.lower().startswith(_BEARER):
        return False
    sha256 = token_sha256(authorization[len(_BEARER) :].strip())
    return any(hmac.compare_digest(sha256, one) for one in hashes)
