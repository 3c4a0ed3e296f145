"""A prefix of a bucket: objects that are written once, locked where the bucket can lock, and deleted with all their versions."""

from __future__ import annotations

import base64
import errno
import hashlib
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import parse_qs, unquote, urlsplit

import fsspec
from botocore.exceptions import BotoCoreError, ClientError

from loaders.landing.landed_files import LandingError
from loaders.setting_values.landing_address import BucketAddress

CHUNK_BYTES = 4 * 1024**2
CONNECTION = "huimin_landing"
MOST_AT_ONCE = 32
# Files of less than two parts travel whole.
_PART_BYTES, _PARTS_AT_ONCE = 50 * 1024**2, 2
# A bucket that is away is said to be so after some minutes at most, whatever the network does.
_CONNECT_SECONDS, _ANSWER_SECONDS, _TRIES = 10, 60, 2
_EXISTS = frozenset({"PreconditionFailed", "412"})
_IS_BEING_WRITTEN = frozenset({"ConditionalRequestConflict", "OperationAborted", "409"})
_HAS_NO_LOCK = frozenset({"ObjectLockConfigurationNotFoundError", "NoSuchObjectLockConfiguration", "NotImplemented", "501"})
_CONFLICT_TRIES, _CONFLICT_SECONDS = 5, 0.5


def bucket_system(url: str) -> Any:
    """Opens the object store of a connection (`s3://key:secret@…?endpoint_url=…`); of the machine's own keys without one."""
    parts = urlsplit(url)
    return fsspec.filesystem(
        "s3",
        key=unquote(parts.username) if parts.username else None,
        secret=unquote(parts.password) if parts.password else None,
        endpoint_url=parse_qs(parts.query).get("endpoint_url", [None])[0],
        config_kwargs={
            "retries": {"max_attempts": _TRIES},
            "connect_timeout": _CONNECT_SECONDS,
            "read_timeout": _ANSWER_SECONDS,
            "max_pool_connections": MOST_AT_ONCE,
        },
        use_listings_cache=False,
        skip_instance_cache=True,
    )


@contextmanager
def explain_bucket_errors(address: BucketAddress) -> Iterator[None]:
    """Raises a `LandingError` for a bucket that cannot be used, which says what to check. A missing object is none."""
    try:
        yield
    except (BotoCoreError, ClientError, OSError) as error:
        is_missing = isinstance(error, FileNotFoundError) and _code_of(error) != "NoSuchBucket"
        if isinstance(error, LandingError) or is_missing or getattr(error, "errno", None) in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise LandingError(
            errno.EIO,
            f"the landing {address} cannot be used: {error}. What is not in it is not in the ledger either. Check the bucket, "
            f"the network and the keys of the connection {CONNECTION}, and run the load again",
        ) from error


class Bucket:
    """The objects below an address, by names that are relative to it.

    An object appears when its upload ends, or not at all. Where the bucket has object lock, each is held (legal hold) until
    `delete` releases it.

    Raises:
        LandingError: the bucket does not exist, is away, or does not say whether it locks.
    """

    def __init__(self, address: BucketAddress) -> None:
        self._address = address
        self._system = bucket_system(address.connection)
        with explain_bucket_errors(address):
            self._is_locking = self._has_object_lock()

    def put(self, name: str, file: Path, *, overwrite: bool = False) -> bool:
        """Uploads a file; one that is there already stays as it is unless `overwrite` is set.

        Returns:
            Whether it was written.
        """
        options: dict[str, Any] = {"mode": "overwrite" if overwrite else "create", **_checksum(file)}
        options |= {"chunksize": _PART_BYTES, "max_concurrency": _PARTS_AT_ONCE}
        if self._is_locking:
            options["ObjectLockLegalHoldStatus"] = "ON"
        with explain_bucket_errors(self._address):
            for _ in range(_CONFLICT_TRIES):
                try:
                    self._system.put_file(str(file), self._key(name), **options)
                    if self._is_locking and "ChecksumSHA256" not in options:
                        # Not every server takes the hold of an upload in parts.
                        self._hold(name, "ON")
                except OSError as error:
                    if _code_of(error) in _EXISTS:
                        return False
                    if _code_of(error) not in _IS_BEING_WRITTEN:
                        raise
                    time.sleep(_CONFLICT_SECONDS)
                else:
                    return True
        raise LandingError(errno.EBUSY, f"{self._address}/{name} is being written by others; run the load again")

    def sizes(self, folder: str = "") -> dict[str, int]:
        """Returns the sizes in bytes of all objects below a folder, by name."""
        with explain_bucket_errors(self._address):
            found = self._system.find(self._key(folder), detail=True)
        return {name.removeprefix(f"{self._address.root}/"): int(entry["size"]) for name, entry in found.items()}

    @contextmanager
    def reading(self, name: str) -> Iterator[BinaryIO]:
        """Opens an object.

        Raises:
            FileNotFoundError: there is none.
        """
        with explain_bucket_errors(self._address), self._system.open(self._key(name), "rb", block_size=CHUNK_BYTES) as file:
            yield file

    def read(self, name: str) -> bytes:
        """Returns the bytes of an object; raises what `reading` raises."""
        with explain_bucket_errors(self._address):
            content: bytes = self._system.cat_file(self._key(name))
        return content

    def delete(self, name: str) -> None:
        """Deletes an object with all its versions; none is fine.

        Raises:
            LandingError: the bucket keeps it for a time that nobody may shorten.
        """
        with explain_bucket_errors(self._address):
            for version in self._versions(name):
                self._delete_version(name, version["VersionId"], is_held=self._is_locking and not version["is_marker"])

    def unfinished(self) -> list[str]:
        """Returns the names of uploads that were begun and did not end; their parts take space until somebody aborts them."""
        with explain_bucket_errors(self._address):
            answer = self._system.call_s3("list_multipart_uploads", Bucket=self._address.bucket, Prefix=self._object_key(""))
        prefix = self._object_key("")
        return sorted(upload["Key"].removeprefix(prefix) for upload in answer.get("Uploads", ()))

    def _delete_version(self, name: str, version_id: str, *, is_held: bool) -> None:
        if is_held:
            self._hold(name, "OFF", VersionId=version_id)
        try:
            self._system.call_s3("delete_object", Bucket=self._address.bucket, Key=self._object_key(name), VersionId=version_id)
        except BaseException:
            if is_held:
                self._hold(name, "ON", VersionId=version_id)
            raise

    def _hold(self, name: str, status: str, **version: str) -> None:
        where = {"Bucket": self._address.bucket, "Key": self._object_key(name), **version}
        self._system.call_s3("put_object_legal_hold", LegalHold={"Status": status}, **where)

    def _versions(self, name: str) -> list[dict[str, Any]]:
        key = self._object_key(name)
        answer = self._system.call_s3("list_object_versions", Bucket=self._address.bucket, Prefix=key)
        kinds = (("Versions", False), ("DeleteMarkers", True))
        # The prefix of a hash is that hash alone, so that its versions fit into one answer.
        found = [{**one, "is_marker": is_marker} for kind, is_marker in kinds for one in answer.get(kind, ())]
        return [version for version in found if version["Key"] == key]

    def _has_object_lock(self) -> bool:
        try:
            answer = self._system.call_s3("get_object_lock_configuration", Bucket=self._address.bucket)
        except (OSError, ClientError) as error:
            if _code_of(error) in _HAS_NO_LOCK:
                return False
            raise
        configuration: Mapping[str, Any] = answer.get("ObjectLockConfiguration", {})
        return configuration.get("ObjectLockEnabled") == "Enabled"

    def _key(self, name: str) -> str:
        return f"{self._address.root}/{name}"

    def _object_key(self, name: str) -> str:
        return f"{self._address.prefix}/{name}" if self._address.prefix else name


def _checksum(file: Path) -> dict[str, str]:
    """Returns what the server compares with the bytes that it received; parts of large files have checksums of their own."""
    if file.stat().st_size >= 2 * _PART_BYTES:
        return {}
    with file.open("rb") as opened:
        digest = base64.b64encode(hashlib.file_digest(opened, "sha256").digest()).decode()
    return {"ChecksumAlgorithm": "SHA256", "ChecksumSHA256": digest}


def _code_of(error: BaseException) -> str:
    """Returns the code of the server's answer; s3fs keeps the answer as the cause."""
    for one in (error, error.__cause__):
        response = getattr(one, "response", None)
        if isinstance(response, Mapping):
            return str(response.get("Error", {}).get("Code", ""))
    return ""
