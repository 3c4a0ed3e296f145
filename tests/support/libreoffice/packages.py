"""The Debian packages that the system tests need. `python -m tests.support.libreoffice.packages` says which are missing."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

NEEDED = {"libreoffice-calc-nogui": "soffice with Calc, the spreadsheet that the shown values are taken from"}


def soffice() -> Path | None:
    """Returns the command of LibreOffice if it includes Calc, which opens workbooks."""
    found = shutil.which("soffice")
    if found is None:
        return None
    command = Path(found).resolve()
    return Path(found) if (command.parent / "libsclo.so").exists() else None


def missing_packages() -> Mapping[str, str]:
    """Returns the missing packages, with their purpose."""
    return {} if soffice() else NEEDED


def describe_missing(missing: Mapping[str, str]) -> str:
    """Formats one line with the missing packages and the command that installs them."""
    names = ", ".join(f"{package} ({purpose})" for package, purpose in missing.items())
    return f"missing Debian packages: {names}; install them with: apt-get install -y {' '.join(missing)}"


if __name__ == "__main__":
    if missing_packages():
        sys.exit(describe_missing(missing_packages()))
