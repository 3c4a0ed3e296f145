"""The pages of the demo: served beside Airflow, with one token that may do everything."""

from __future__ import annotations

import sys
from pathlib import Path

from demo.secrets import write_private
from loaders.pages.access.accounts import token_sha256

_ACCESS = "tokens:\n  - {{name: demo, role: operator, sha256: {sha256}}}\ncheck: {{without_account: true, per_minute: 60}}\n"


def pages_command(home: Path, port: int, token: str) -> list[str]:
    """Returns the command that serves the pages; writes the access file that it names."""
    access = home / "pages" / "access.yml"
    write_private(access, _ACCESS.format(sha256=token_sha256(token)))
    serve = "from loaders.cli import main; main()"
    return [sys.executable, "-c", serve, "pages", "--host", "127.0.0.1", "--port", str(port), "--access", str(access)]
