"""The secrets of a local stack: drawn once, kept in one file that only its owner can read."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class StackSecrets:
    """What a stack must remember for as long as its warehouse lives."""

    pii_key: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)
    loader_password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    transformer_password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    reader_password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    airflow_password: str = field(default_factory=lambda: secrets.token_urlsafe(12), repr=False)
    metadata_password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    fernet_key: str = field(default_factory=lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(), repr=False)
    jwt_secret: str = field(default_factory=lambda: secrets.token_urlsafe(64), repr=False)


def load_secrets(path: Path) -> StackSecrets:
    """Read the secrets, drawing them first if there are none."""
    if path.exists():
        known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return StackSecrets(**known)
    drawn = StackSecrets()
    write_private(path, json.dumps(asdict(drawn), indent=1))
    return drawn


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read; whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    beside.touch(mode=0o600)
    beside.write_text(text, encoding="utf-8")
    beside.rename(path)
