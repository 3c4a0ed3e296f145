"""What a release was computed by: digests of the models and the contracts."""

from __future__ import annotations

import hashlib

from loaders.contract import load_contracts
from loaders.dbt.runner import project_fingerprint
from loaders.settings import Settings
from loaders.warehouse import contract_sha256


def models_digest(settings: Settings) -> str:
    """Returns the digest of the models, seeds and macros of the indicators."""
    return project_fingerprint(settings)


def contracts_digest(settings: Settings) -> str:
    """Returns the digest of all contracts that are right."""
    contracts = load_contracts(settings.expectations).reports
    lines = (f"{name} {contract_sha256(report)}\n" for name, report in sorted(contracts.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()
