"""Is a component of Airflow well? Asks the API server, which knows when each was last heard of. Exit 0: yes; 1: no.

`python docker/healthy.py scheduler`; one of metadatabase, scheduler, triggerer, dag_processor.
"""

from __future__ import annotations

import json
import sys
import urllib.request

URL = "http://api-server:8080/api/v2/monitor/health"
SECONDS = 8.0


def is_healthy(component: str, url: str) -> bool:
    """Whether the API server answers, and calls the component healthy."""
    # No proxy of the environment stands between two containers of one network.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=SECONDS) as reply:
            states = json.load(reply)
    except (OSError, ValueError):
        return False
    return bool((states.get(component) or {}).get("status") == "healthy")


if __name__ == "__main__":
    sys.exit(0 if is_healthy(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else URL) else 1)
