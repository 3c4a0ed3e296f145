"""Reads single settings from variables. Shared layer: pure functions over a mapping; `loaders.settings` gives the environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from loaders.setting_values.landing_address import LandingAddress, parse_landing_address

_LANDING_CONNECTION = "huimin_landing"


class SettingsError(ValueError):
    """A setting is missing or cannot be used; the message names the variable to set."""


def message_language(environment: Mapping[str, str]) -> str:
    """Returns the language of messages to owners, zh or en.

    Raises:
        SettingsError: it is another one.
    """
    language = environment.get("HUIMIN_MESSAGE_LANGUAGE") or "zh"
    if language not in {"zh", "en"}:
        raise SettingsError(f'HUIMIN_MESSAGE_LANGUAGE must be zh or en, found "{language}"')
    return language


def landing_address(environment: Mapping[str, str], connections: Mapping[str, str], home: Path) -> LandingAddress | None:
    """Returns where landed files are; None where that is not set, which is below `home`.

    Raises:
        SettingsError: it is neither a folder nor a prefix of a bucket.
    """
    text = environment.get("HUIMIN_LANDING")
    if not text:
        return None
    cache_bytes = whole_number(environment, "HUIMIN_LANDING_CACHE_MB", 4096) * 1024**2
    try:
        return parse_landing_address(text, home / "landing-cache", connections.get(_LANDING_CONNECTION, ""), cache_bytes)
    except ValueError as error:
        raise SettingsError(f"HUIMIN_LANDING: {error} (AIRFLOW_CONN_{_LANDING_CONNECTION.upper()})") from None


def landing_connection(environment: Mapping[str, str]) -> str | None:
    """Returns the name of the connection with the keys of the landing's bucket; None where the landing is a folder."""
    return _LANDING_CONNECTION if environment.get("HUIMIN_LANDING", "").startswith("s3:") else None


def whole_number(environment: Mapping[str, str], name: str, default: int) -> int:
    """Returns a setting that is a whole number above 0.

    Raises:
        SettingsError: it is none.
    """
    text = environment.get(name) or str(default)
    if not text.isdigit() or int(text) < 1:
        raise SettingsError(f'{name} must be a whole number above 0, found "{text}"')
    return int(text)
