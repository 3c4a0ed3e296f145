"""The secrets of the demo: generated once, kept in one file that only its owner can read."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class DemoSecrets:
    """The passwords and keys that must stay the same for as long as the demo's warehouse exists."""

    pii_key: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)
    loader_password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    transformer_password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    reader_password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    airflow_password: str = field(default_factory=lambda: secrets.token_urlsafe(12), repr=False)
    metadata_password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    fernet_key: str = field(default_factory=lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(), repr=False)
    jwt_secret: str = field(default_factory=lambda: secrets.token_urlsafe(64), repr=False)
    pages_token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)


def load_secrets(path: Path) -> DemoSecrets:
    """Reads the secrets; generates and writes first those that the file does not hold."""
    known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    complete = DemoSecrets(**known)
    if asdict(complete) != known:
        write_private(path, json.dumps(asdict(complete), indent=1))
    return complete


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner can read. The file is replaced in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    temporary.touch(mode=0o600)
    temporary.write_text(text, encoding="utf-8")
    temporary.rename(path)
