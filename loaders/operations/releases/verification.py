"""Verifies releases: every value, every list of submissions, every header and the chain."""

from __future__ import annotations

from loaders.model import Mismatch
from loaders.release import chain_errors, release_hash
from loaders.settings import Settings
from loaders.warehouse.releases import ReleaseLog

_RESTORE = "restore the schema release from a backup, and compare with an exported folder of the release"


def verify_releases(settings: Settings, head: str | None = None) -> tuple[list[Mismatch], str | None]:
    """Recomputes all hashes. `head` is the hash of some release as it was exported: who rewrote the whole chain, or cut its end
    off, is found by it.

    Returns:
        What does not agree, and the hash of the last release (None without one).
    """
    log = ReleaseLog(settings.warehouse_url)
    releases = log.releases()
    numbers = [release.release_number for release in releases]
    errors = chain_errors(
        releases,
        log.stored_hashes(),
        {number: log.values_of(number) for number in numbers},
        {number: log.submissions_of(number) for number in numbers},
    )
    found = [Mismatch(f"release {one.release}", one.what, one.expected, one.found, _RESTORE) for one in errors]
    hashes = [release_hash(release) for release in releases]
    if head is not None and head not in hashes:
        what = f"no release has the hash {head}: the release that had it was changed, or taken away"
        found.append(Mismatch("releases", what, head, hashes[-1] if hashes else "no release", _RESTORE))
    return found, hashes[-1] if hashes else None
