"""A release: values of indicators that a person approved, frozen, and chained to the release before by a hash.

Shared layer: pure values and their digests; imports nothing of ours.
"""

from loaders.release.digests import ChainError, chain_errors, release_hash, submissions_digest, values_digest
from loaders.release.values import BackingSubmission, Release, ReleasedValue, ValueKey

__all__ = [
    "BackingSubmission",
    "ChainError",
    "Release",
    "ReleasedValue",
    "ValueKey",
    "chain_errors",
    "release_hash",
    "submissions_digest",
    "values_digest",
]
