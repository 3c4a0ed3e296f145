"""The cells of a document with the numbers of persons masked, as they are shown unless somebody asks for them plain."""

from __future__ import annotations

import json
from typing import Any

from loaders.identifiers import redact


def redacted_cells(content: bytes) -> bytes:
    """Returns the JSON of `cells_as_json` with every identity, phone and account number in a text masked."""
    # Decoded first: in JSON, the letter of an escaped line break would stand directly before a number.
    return json.dumps(json.loads(content, object_hook=_redacted), ensure_ascii=False).encode()


def _redacted(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: redact(value) if isinstance(value, str) else value for name, value in fields.items()}
