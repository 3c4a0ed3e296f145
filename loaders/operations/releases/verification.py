"""Verifies releases: every value, every list of submissions, every header and the chain."""

from __future__ import annotations

from loaders.release import chain_errors, release_hash
from loaders.settings import Settings
from loaders.warehouse.releases import ReleaseLog


def verify_releases(settings: Settings, head: str | None = None) -> tuple[list[str], str | None]:
    """Recomputes all hashes. `head` is the hash of some release as it was exported: who rewrote the whole chain is found by it.

    Returns:
        What does not agree, and the hash of the last release (None without one).
    """
    log = ReleaseLog(settings.warehouse_url)
    releases = log.releases()
    numbers = [release.release_number for release in releases]
    errors = list(
        chain_errors(
            releases,
            log.stored_hashes(),
            {number: log.values_of(number) for number in numbers},
            {number: log.submissions_of(number) for number in numbers},
        )
    )
    hashes = [release_hash(release) for release in releases]
    if head is not None and head not in hashes:
        errors.append(f"no release has the hash {head}: the release that had it was changed, or taken away")
    return errors, hashes[-1] if hashes else None
