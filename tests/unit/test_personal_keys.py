"""Keys of personal numbers: layers that a chain adds, earlier keys that only the next key opens, and rows lifted."""

import hashlib
import hmac

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.contract import load_reports
from loaders.identifiers.personal_keys import KeyChain, WrongKey, add_layer, key_fingerprint, unwrap_keys, wrap_keys
from loaders.raw_schema import raw_schema
from loaders.settings import PROJECT_ROOT
from loaders.warehouse.personal_keys.lifted_rows import lift_rows

SECRETS = st.binary(min_size=32, max_size=64)
HASHES = st.binary(min_size=32, max_size=32).map(bytes.hex)


@given(st.lists(SECRETS, min_size=1, max_size=4, unique=True), SECRETS, HASHES)
def test_a_rotation_adds_its_layer_to_what_is_stored(secrets: list[bytes], new: bytes, value_hash: str) -> None:
    stored = KeyChain(tuple(secrets)).lift(value_hash)
    assert KeyChain((*secrets, new)).lift(value_hash) == add_layer(new, stored)
    assert KeyChain((secrets[0],)).lift(value_hash) == value_hash


@given(SECRETS, SECRETS, HASHES)
def test_a_layer_is_neither_the_hash_of_a_value_nor_the_fingerprint(key: bytes, other: bytes, value_hash: str) -> None:
    lifted = add_layer(key, value_hash)
    assert lifted != hmac.new(key, bytes.fromhex(value_hash), hashlib.sha256).hexdigest()
    assert not lifted.startswith(key_fingerprint(key))
    assert key == other or lifted != add_layer(other, value_hash)


@given(st.lists(SECRETS, min_size=1, max_size=4), SECRETS, SECRETS)
def test_earlier_keys_are_opened_by_their_key_alone(earlier: list[bytes], key: bytes, other: bytes) -> None:
    wrapped = wrap_keys(earlier, key)
    assert unwrap_keys(wrapped, key) == tuple(earlier)
    assert not any(secret.hex() in wrapped for secret in earlier)
    if other != key:
        with pytest.raises(WrongKey):
            unwrap_keys(wrapped, other)
    with pytest.raises(WrongKey):
        unwrap_keys(wrapped[:-6] + "AAAA==", key)


def test_nothing_shows_a_key() -> None:
    chain = KeyChain((b"secret-of-the-first-year", b"secret-of-the-second"))
    assert "secret" not in repr(chain)


def test_rows_are_lifted_in_their_personal_columns_alone() -> None:
    report = load_reports(PROJECT_ROOT / "expectations")["home_visit"]
    chain, schema = KeyChain((b"a" * 32, b"b" * 32)), raw_schema(report)
    value_hash = hashlib.sha256(b"somebody").hexdigest()
    rows = pa.table({field.name: pa.nulls(3, field.type) for field in schema}, schema=schema)
    place = schema.get_field_index("client_id_key")
    rows = rows.set_column(place, schema.field(place), pa.array([value_hash, None, value_hash], pa.string()))
    lifted = lift_rows(report, rows, chain)
    assert lifted.schema == rows.schema
    assert lifted["client_id_key"].to_pylist() == [chain.lift(value_hash), None, chain.lift(value_hash)]
    assert lifted.drop_columns("client_id_key") == rows.drop_columns("client_id_key")
    assert lift_rows(report, rows, KeyChain((b"a" * 32,))) is rows
