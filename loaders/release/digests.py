"""Digests of releases, and the chain that they form: whoever changes a released value, or a release, breaks it.

A digest is over text lines of a form that is fixed for ever: a release of years ago must give the same digest.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
    fields = [
        str(release.release_number),
        release.period_code,
        _utc(release.released_at),
        release.approved_by,
        release.reason,
        release.git_revision,
        release.models_digest,
        release.contracts_digest,
        release.values_digest,
        release.submissions_digest,
        release.previous_hash,
    ]
    # A release from before these were kept has the hash that it had then.
    if release.decided_at is not None:
        fields += [_utc(release.decided_at), release.decided_in or ""]
    if release.build_id is not None:
        fields.append(str(release.build_id))
    # A length before each field: no field can be moved into its neighbor.
    return hashlib.sha256("".join(f"{len(field.encode())}:{field}\n" for field in fields).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ChainError:
    """What of a release is not as it was published. `release` is its number, 0 for the chain as a whole."""

    release: int
    what: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"release {self.release}: {self.what}"


def chain_errors(
    releases: Sequence[Release],
    stored_hashes: Mapping[int, str],
    values: Mapping[int, Sequence[ReleasedValue]],
    submissions: Mapping[int, Sequence[BackingSubmission]],
) -> Iterator[ChainError]:
    """Yields what does not agree: each release with its values, its submissions, its own hash and the release before.

    `releases` are in the order of their numbers; the mappings are by number.
    """
    before = ""
    for place, release in enumerate(releases, start=1):
        number = release.release_number
        if number != place:
            yield ChainError(place, "it is missing", f"release {place}", f"release {number}")
            return
        found = values_digest(values.get(place, ()))
        if found != release.values_digest:
            yield ChainError(number, "its values are not those that were released", release.values_digest, found)
        found = submissions_digest(submissions.get(place, ()))
        if found != release.submissions_digest:
            yield ChainError(
                number, "its list of submissions is not the one that was released", release.submissions_digest, found
            )
        if release.previous_hash != before:
            what = "it does not follow the release before it, which was changed or replaced"
            yield ChainError(number, what, release.previous_hash or "no release before", before or "no release before")
        before = release_hash(release)
        stored = stored_hashes.get(place)
        if stored != before:
            what = "its header (period, approver, decision, time, reason, revision or digests) was changed"
            yield ChainError(number, what, stored or "a hash", before)


def _digest(lines: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for line in sorted(lines):
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def _utc(timestamp: dt.datetime) -> str:
    return timestamp.astimezone(dt.UTC).isoformat(timespec="microseconds")


def _plain(number: Decimal | None) -> str:
    if number is None:
        return ""
    return f"{number.normalize():f}" if number else "0"
