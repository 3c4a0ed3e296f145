"""The key ring: the fingerprint of the key in force, and the keys before it, encrypted under it.

A process opens the ring inside the transaction in which it loads, so that rows that it read before a rotation are stored as
those after it are.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from loaders.identifiers.personal_keys import (
    NO_LAYERS,
    KeyChain,
    PersonalKeys,
    WrongKey,
    key_fingerprint,
    unwrap_keys,
    wrap_keys,
)
from loaders.warehouse.connection import Connection, WarehouseError, fetch_all, fetch_one

_LOCK = "select pg_advisory_xact_lock(hashtextextended('huimin.pii_key', 0))"
_LOCK_SHARED = "select pg_advisory_xact_lock_shared(hashtextextended('huimin.pii_key', 0))"
_IN_FORCE = "select *, ops.today() as today from ops.pii_key order by pii_key_id desc limit 1"
_IS_THERE = "select to_regclass('ops.pii_key') is not null as is_there"
_REGISTER = "insert into ops.pii_key (key_fingerprint) values (%s)"
_ROTATE = """
    insert into ops.pii_key (key_fingerprint, wrapped_keys, old_key_until_date, hashes_count, decided_by, reason)
    values (%s, %s, %s, %s, %s, %s)
"""
_POSTPONE = """
    update ops.pii_key set old_key_until_date = %s
    where pii_key_id = (select max(pii_key_id) from ops.pii_key) and old_key_until_date is not null
"""
_ALL = "select * from ops.pii_key order by pii_key_id"


class KeyRefused(WarehouseError):
    """A process has another key of personal numbers than the warehouse; the message has both fingerprints and the next step."""


@dataclass(frozen=True, slots=True)
class KeyInForce:
    """A key by its fingerprint: since when it is in force, up to which day the one before it may still be configured."""

    key_fingerprint: str
    in_force_at: dt.datetime
    old_key_until_date: dt.date | None
    hashes_count: int | None
    decided_by: str | None
    reason: str | None


def lock_shared(connection: Connection) -> None:
    """Waits until no rotation runs, and keeps the next one waiting until the transaction ends."""
    connection.execute(_LOCK_SHARED)


def lock_exclusively(connection: Connection) -> None:
    """Waits until nobody changes rows, and keeps everybody from it until the transaction ends."""
    connection.execute(_LOCK)


def all_keys(connection: Connection) -> list[KeyInForce]:
    """Returns the keys that were ever in force, the present one last; none before the first load."""
    return [
        KeyInForce(**{name: row[name] for name in KeyInForce.__slots__})  # the slots of a dataclass are its fields
        for row in fetch_all(connection, _ALL)
    ]


def in_force(connection: Connection) -> dict[str, Any] | None:
    """Returns the row of the key in force; None before the first load, and in a warehouse that is still to be migrated."""
    row = fetch_one(connection, _IS_THERE)
    return fetch_one(connection, _IN_FORCE) if row is not None and row["is_there"] else None


def register_first(connection: Connection, keys: PersonalKeys) -> None:
    """Records the key of a warehouse that has recorded none; from then on every other key is refused.

    While an old key is set too, it is the one that loaded so far: the new one comes in force by a rotation only.
    """
    if fetch_one(connection, _IN_FORCE) is not None:
        return
    lock_exclusively(connection)
    if fetch_one(connection, _IN_FORCE) is None:
        connection.execute(_REGISTER, [key_fingerprint(keys.old_key or keys.key)])


def chain_of(connection: Connection, keys: PersonalKeys | None) -> KeyChain:
    """Returns the keys by which a process makes the hashes that are stored now.

    `keys` None: of a caller that hashes nothing.

    Raises:
        KeyRefused: none of the process's keys is in force, or it still has the old one after its last day.
    """
    row = in_force(connection)
    if keys is None:
        if row is not None and row["wrapped_keys"] is not None:
            raise KeyRefused("expected the key of personal numbers, found none: this warehouse's key was rotated")
        return NO_LAYERS
    if row is None:
        return KeyChain((keys.old_key or keys.key,))
    serving = _serving(keys, row["key_fingerprint"])
    if serving == keys.key and keys.old_key and row["wrapped_keys"] is not None and row["today"] > row["old_key_until_date"]:
        raise KeyRefused(
            f"the old key of personal numbers served until {row['old_key_until_date']}: remove HUIMIN_PII_KEY_OLD from the "
            "settings of every process, or set a later day: huimin rotate-key --old-until DATE"
        )
    return _opened(row["wrapped_keys"], serving)


def _serving(keys: PersonalKeys, wanted: str) -> bytes:
    for key in (keys.key, keys.old_key):
        if key and key_fingerprint(key) == wanted:
            return key
    found = " and ".join(key_fingerprint(key) for key in (keys.key, keys.old_key) if key)
    raise KeyRefused(
        f"expected the key of personal numbers with fingerprint {wanted}, which this warehouse has in force, found {found}: "
        "set HUIMIN_PII_KEY to it; `huimin rotate-key --list` lists when which key came in force"
    )


def _opened(wrapped: str | None, key: bytes) -> KeyChain:
    if wrapped is None:
        return KeyChain((key,))
    try:
        return KeyChain((*unwrap_keys(wrapped, key), key))
    except WrongKey as error:
        raise KeyRefused(f"ops.pii_key was altered: {error}; restore it from a backup") from None


def put_in_force(
    connection: Connection, chain: KeyChain, key: bytes, *, old_until: dt.date, hashes_count: int, by: str, why: str
) -> None:
    """Records that a key took the place of the last one of a chain."""
    values = [key_fingerprint(key), wrap_keys(chain.secrets, key), old_until, hashes_count, by, why]
    connection.execute(_ROTATE, values)


def postpone(connection: Connection, old_until: dt.date) -> None:
    """Sets another last day of the key before the one in force.

    Raises:
        KeyRefused: no key was ever rotated.
    """
    if connection.execute(_POSTPONE, [old_until]).rowcount == 0:
        raise KeyRefused("no key was rotated yet: there is no old key that could serve any longer")
