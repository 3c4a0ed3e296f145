"""The values of one attempt: its time in the forms that systems ask for, and its nonce."""

from __future__ import annotations

import datetime as dt
import uuid

_CHINA = dt.timezone(dt.timedelta(hours=8))


def attempt_values() -> dict[str, str]:
    """Returns the present time (`timestamp_…`) and a fresh nonce of 32 hexadecimal digits."""
    now = dt.datetime.now(dt.UTC)
    milliseconds = int(now.timestamp() * 1000)
    return {
        "timestamp_ms": str(milliseconds),
        "timestamp_s": str(milliseconds // 1000),
        "timestamp_iso": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "timestamp_text": now.astimezone(_CHINA).strftime("%Y%m%d%H%M%S"),
        "nonce": uuid.uuid4().hex,
    }
