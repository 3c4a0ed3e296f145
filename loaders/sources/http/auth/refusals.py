"""Says what to correct when a server does not accept how a request was authenticated."""

from __future__ import annotations

import datetime as dt
import email.utils

import httpx

from loaders.contract.sources.http.auth import HttpAuth, NoAuth
from loaders.contract.sources.http.signature import RequestSignature

_CLOCK_TOLERANCE_SECONDS = 30.0


def refusal_of(auth: HttpAuth, reply: httpx.Response) -> tuple[str, str]:
    """Returns what a 401 or 403 means under `source.auth`, and the next step, which names the fields and the connection.

    The clock of this machine is compared with the `Date` of the answer, since a signature or a token ages.
    """
    if isinstance(auth, NoAuth):
        return f"HTTP {reply.status_code}: the server asks who we are", "say in source.auth how requests are authenticated"
    what = f"HTTP {reply.status_code}: what source.auth.kind: {auth.kind} sends is not accepted"
    difference = _clock_difference(reply.headers.get("Date"))
    if difference is not None and abs(difference) > _CLOCK_TOLERANCE_SECONDS:
        direction = "ahead of" if difference > 0 else "behind"
        return f"{what}, and this machine's clock is {abs(difference):.0f} s {direction} the server's", "correct the clock first"
    if isinstance(auth, RequestSignature):
        return what, "check key and secret of the connection, then source.auth.canonical and encoding"
    return what, "check user and password of the connection, then source.auth"


def _clock_difference(date: str | None) -> float | None:
    try:
        moment = email.utils.parsedate_to_datetime(date or "")
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return (dt.datetime.now(dt.UTC) - moment).total_seconds()
