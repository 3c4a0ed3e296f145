"""A server of the S3 protocol with buckets, and landings in them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
from moto.server import ThreadedMotoServer

from loaders.setting_values.landing_address import BucketAddress

KEY, SECRET = "huimin", "s3cret/with@signs+"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class BucketServer:
    """A running server."""

    endpoint: str

    @property
    def connection(self) -> str:
        return f"s3://{KEY}:{quote(SECRET, safe='')}@s3?endpoint_url={quote(self.endpoint, safe='')}"

    @property
    def client(self) -> Any:
        keys = {"aws_access_key_id": KEY, "aws_secret_access_key": SECRET, "region_name": "us-east-1"}
        return boto3.client("s3", endpoint_url=self.endpoint, **keys)

    def create_bucket(self, *, is_locking: bool) -> str:
        name = f"landing-{next(_numbers)}"
        self.client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=is_locking)
        return name

    def landing(self, cache: Path, *, is_locking: bool = False) -> BucketAddress:
        """An address in a bucket of its own."""
        return BucketAddress(self.create_bucket(is_locking=is_locking), "city/landing", cache, self.connection)

    def names(self, address: BucketAddress) -> list[str]:
        found = self.client.list_objects_v2(Bucket=address.bucket, Prefix=address.prefix).get("Contents", [])
        return [one["Key"].removeprefix(f"{address.prefix}/") for one in found]

    def versions(self, address: BucketAddress) -> list[dict[str, Any]]:
        found = self.client.list_object_versions(Bucket=address.bucket)
        return [*found.get("Versions", []), *found.get("DeleteMarkers", [])]

    def key(self, address: BucketAddress, sha256: str) -> dict[str, str]:
        return {"Bucket": address.bucket, "Key": f"{address.prefix}/{sha256[:2]}/{sha256[2:4]}/{sha256}"}


@contextmanager
def bucket_server() -> Iterator[BucketServer]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    try:
        yield BucketServer("http://{}:{}".format(*server.get_host_and_port()))
    finally:
        server.stop()
