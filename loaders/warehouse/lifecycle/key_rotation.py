"""The rotation of the key of personal numbers: one transaction for the ledger and `raw`, one for dbt, behind loads and builds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from loaders.identifiers.personal_keys import PersonalKeys, key_fingerprint
from loaders.warehouse.build_lock import exclusive_build
from loaders.warehouse.connection import connect
from loaders.warehouse.disclosure import population_queries
from loaders.warehouse.lifecycle.figure_hashes import rewrite_figures
from loaders.warehouse.lifecycle.stored_hashes import rewrite_hashes
from loaders.warehouse.personal_keys import key_ring
from loaders.warehouse.personal_keys.key_ring import KeyInForce, KeyRefused


@dataclass(frozen=True, slots=True)
class Rotation:
    """Whose decision a rotation is, why, and up to which day processes may hold the old key beside the new one."""

    old_until: dt.date
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many different hashes were rewritten, the rows of `raw` that hold them, and the values in the tables of dbt."""

    hashes_count: int
    rows_count: int
    values_count: int


class KeyRotation:
    """One warehouse, opened with the loader's URL; `reader_url` may read the tables of dbt."""

    def __init__(self, url: str, reader_url: str) -> None:
        self._url = url
        self._reader_url = reader_url

    def keys(self) -> list[KeyInForce]:
        """Returns the keys that were ever in force, the present one last."""
        with connect(self._url) as connection:
            return key_ring.all_keys(connection)

    def rotate(self, keys: PersonalKeys, rotation: Rotation) -> Rotated | None:
        """Puts the key in the place of the old one, in the ledger and `raw` all or nothing; then in the tables of dbt.

        Waits for running loads and builds; loads that come meanwhile wait for it. Figures stay as they are. Whenever the process
        dies, it may be run again: what counts persons is right in between, too, because a build reads `raw`.

        Returns:
            What was rewritten; None when the key is in force already, and nothing was left to do.

        Raises:
            KeyRefused: the old key is not the one in force, or no key is recorded yet.
        """
        with exclusive_build(self._url):
            hashes_count, rows_count = self._rewrite_ledger(keys, rotation)
            with connect(self._reader_url) as connection:
                values_count = rewrite_figures(connection, keys.key)
        return Rotated(hashes_count, rows_count, values_count) if hashes_count or values_count else None

    def _rewrite_ledger(self, keys: PersonalKeys, rotation: Rotation) -> tuple[int, int]:
        with connect(self._url) as connection:
            key_ring.lock_exclusively(connection)
            known = key_ring.all_keys(connection)
            if not known:
                raise KeyRefused("this warehouse has recorded no key yet: load once with the old key alone (huimin load)")
            if known[-1].key_fingerprint == key_fingerprint(keys.key):
                return 0, 0
            self._refuse(keys, known)
            chain = key_ring.chain_of(connection, PersonalKeys(keys.old_key))
            hashes_count, rows_count = rewrite_hashes(connection, keys.key, self._unit_texts())
            key_ring.put_in_force(
                connection,
                chain,
                keys.key,
                old_until=rotation.old_until,
                hashes_count=hashes_count,
                by=rotation.by,
                why=rotation.why,
            )
            return hashes_count, rows_count

    def postpone(self, old_until: dt.date) -> None:
        """Sets another last day of the old key.

        Raises:
            KeyRefused: no key was ever rotated.
        """
        with connect(self._url) as connection:
            key_ring.postpone(connection, old_until)

    def _refuse(self, keys: PersonalKeys, known: list[KeyInForce]) -> None:
        if not keys.old_key:
            raise KeyRefused(
                f"expected the key in force, with fingerprint {known[-1].key_fingerprint}, in HUIMIN_PII_KEY_OLD, found none: "
                "set it beside the new HUIMIN_PII_KEY"
            )
        if key_fingerprint(keys.key) in {one.key_fingerprint for one in known}:
            raise KeyRefused("the new key was in force before: make another one (docs/operations/keys.md)")

    def _unit_texts(self) -> Iterator[str]:
        with connect(self._reader_url) as reader:
            for measure in population_queries.sensitive_measures(reader):
                yield from population_queries.unit_texts(reader, measure)
