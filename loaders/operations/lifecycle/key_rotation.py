"""Rotates the key of personal numbers, and lists the keys that were in force."""

from __future__ import annotations

import datetime as dt

from loaders.identifiers.personal_keys import PersonalKeys
from loaders.settings import Settings
from loaders.warehouse.lifecycle.key_rotation import KeyRotation, Rotated, Rotation
from loaders.warehouse.personal_keys.key_ring import KeyInForce


def rotate_key(settings: Settings, *, old_until: dt.date, by: str, why: str) -> Rotated | None:
    """Puts `settings.pii_key` in the place of `settings.old_pii_key`; None when it is in force already, and nothing was changed.

    Raises:
        SettingsError: the new key is not set, or too short.
        KeyRefused: the old key is not the one in force.
    """
    keys = PersonalKeys(settings.hashing_key, settings.old_pii_key)
    return _rotation(settings).rotate(keys, Rotation(old_until, by, why))


def postpone_end_of_old_key(settings: Settings, old_until: dt.date) -> None:
    """Sets another last day up to which processes may hold the old key beside the new one.

    Raises:
        KeyRefused: no key was ever rotated.
    """
    _rotation(settings).postpone(old_until)


def keys_in_force(settings: Settings) -> list[KeyInForce]:
    """Returns the keys that were ever in force, by their fingerprints, the present one last."""
    return _rotation(settings).keys()


def _rotation(settings: Settings) -> KeyRotation:
    return KeyRotation(settings.warehouse_url, settings.transformer_url)
