"""What a release was computed by: the revision of the program, and digests of the models and the contracts."""

from __future__ import annotations

import hashlib
import subprocess

from loaders.contract import load_contracts
from loaders.dbt.runner import project_fingerprint
from loaders.settings import PROJECT_ROOT, Settings, revision_from_environment
from loaders.warehouse import contract_sha256


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


def models_digest(settings: Settings) -> str:
    """Returns the digest of the models, seeds and macros of the indicators."""
    return project_fingerprint(settings)


def contracts_digest(settings: Settings) -> str:
    """Returns the digest of all contracts that are right."""
    contracts = load_contracts(settings.expectations).reports
    lines = (f"{name} {contract_sha256(report)}\n" for name, report in sorted(contracts.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()
