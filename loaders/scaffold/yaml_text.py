"""YAML as people write it: short values in one line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any


def contract_lines(fields: dict[str, Any], comments: Mapping[str, str]) -> Iterator[str]:
    """Yields a contract as people write it: one line per field and one per column, with the comment of its name behind it."""
    for name, value in fields.items():
        if name == "columns":
            yield "columns:"
            for column in value:
                comment = comments.get(column["name"])
                yield f"  - {flow(column)}" + (f"  # {comment}" if comment else "")
        elif isinstance(value, dict) and name in {"owner", "source"}:
            yield f"{name}:"
            yield from (f"  {part}: {flow(inner)}" for part, inner in value.items())
        else:
            yield f"{name}: {flow(value)}"


def flow(value: Any) -> str:
    """Returns a value in one line of YAML, quoted where YAML would read it as something else."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {flow(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str):
        return value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)
    return json.dumps(value)


# Texts that YAML reads as texts without quotes, such as 惠城区 or one row per item.
_WORD = r"[\w\u4e00-\u9fff（）@.-]"
_PLAIN = re.compile(rf"(?!(?:true|false|yes|no|on|off|null|y|n)$)[A-Za-z_\u4e00-\u9fff]{_WORD}*(?: {_WORD}+)*", re.IGNORECASE)
