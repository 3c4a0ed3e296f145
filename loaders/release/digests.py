"""Digests of releases, and the chain that they form: whoever changes a released value, or a release, breaks it.

A digest is over text lines of a form that is fixed for ever: a release of years ago must give the same digest.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from loaders.release.values import BackingSubmission, Release, ReleasedValue


def values_digest(values: Iterable[ReleasedValue]) -> str:
    """Returns the digest of values in any order."""
    return _digest("\t".join([*value.key, *map(_plain, value.numbers)]) for value in values)


def submissions_digest(submissions: Iterable[BackingSubmission]) -> str:
    """Returns the digest of submissions in any order."""
    return _digest(
        "\t".join([str(one.submission_id), one.report, one.unit_code, one.period_code or "", one.sha256, one.source_uri])
        for one in submissions
    )


def release_hash(release: Release) -> str:
    """Returns the hash of a release, which the next one holds."""
    fields = (
        str(release.release_number),
        release.period_code,
        release.released_at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        release.approved_by,
        release.reason,
        release.git_revision,
        release.models_digest,
        release.contracts_digest,
        release.values_digest,
        release.submissions_digest,
        release.previous_hash,
    )
    # A length before each field: no field can be moved into its neighbor.
    return hashlib.sha256("".join(f"{len(field.encode())}:{field}\n" for field in fields).encode()).hexdigest()


def chain_errors(
    releases: Sequence[Release],
    stored_hashes: Mapping[int, str],
    values: Mapping[int, Sequence[ReleasedValue]],
    submissions: Mapping[int, Sequence[BackingSubmission]],
) -> Iterator[str]:
    """Yields what does not agree: each release with its values, its submissions, its own hash and the release before.

    `releases` are in the order of their numbers; the mappings are by number.
    """
    before = ""
    for place, release in enumerate(releases, start=1):
        name = f"release {release.release_number}"
        if release.release_number != place:
            yield f"{name}: expected release {place}; one or more releases are missing"
            return
        if values_digest(values.get(place, ())) != release.values_digest:
            yield f"{name}: its values are not those that were released"
        if submissions_digest(submissions.get(place, ())) != release.submissions_digest:
            yield f"{name}: its list of submissions is not the one that was released"
        if release.previous_hash != before:
            yield f"{name}: it does not follow the release before it, which was changed or replaced"
        before = release_hash(release)
        if stored_hashes.get(place) != before:
            yield f"{name}: its header (period, approver, time, reason, revision or digests) was changed"


def _digest(lines: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for line in sorted(lines):
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def _plain(number: Decimal | None) -> str:
    if number is None:
        return ""
    return f"{number.normalize():f}" if number else "0"
