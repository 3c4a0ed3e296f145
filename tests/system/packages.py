"""The Debian packages that the tests of this folder need. `python -m tests.system.packages` says which are missing."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

NEEDED = {"libreoffice-calc-nogui": "soffice with Calc, the spreadsheet that the shown values are taken from"}


def soffice() -> Path | None:
    """The command of an office suite that has a spreadsheet; one without Calc opens no workbook."""
    found = shutil.which("soffice")
    if found is None:
        return None
    command = Path(found).resolve()
    return Path(found) if (command.parent / "libsclo.so").exists() else None


def missing_packages() -> Mapping[str, str]:
    """The packages that are not here, with what they are for."""
    return {} if soffice() else NEEDED


def told(missing: Mapping[str, str]) -> str:
    """One line that names each missing package, with the command that installs them."""
    named = ", ".join(f"{package} ({purpose})" for package, purpose in missing.items())
    return f"missing Debian packages: {named}; install them with: apt-get install -y {' '.join(missing)}"


if __name__ == "__main__":
    if missing_packages():
        sys.exit(told(missing_packages()))
