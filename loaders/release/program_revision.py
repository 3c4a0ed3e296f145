"""Which revision of the program made something."""

from __future__ import annotations

import subprocess

from loaders.settings import PROJECT_ROOT, revision_from_environment


def git_revision() -> str:
    """Returns the revision of the program: `HUIMIN_GIT_REVISION`, else that of the checkout, else `unknown`."""
    given = revision_from_environment()
    if given:
        return given
    try:
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return done.stdout.strip() if done.returncode == 0 else "unknown"
