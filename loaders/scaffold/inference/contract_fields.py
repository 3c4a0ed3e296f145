"""The fields of a new contract around its columns: the source, the format, what a new document replaces."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from loaders.reading import Outline
from loaders.scaffold.inference.record_samples import RecordSample

_NO_SAMPLE = Outline("workbook", ("编号", "名称"))


def fields_without_sample(facts: dict[str, Any]) -> dict[str, Any]:
    """The fields of a contract that nothing is known of."""
    headers = _NO_SAMPLE.headers
    first: dict[str, Any] = {"name": "column_1", "header": headers[0], "required": True, "key": True}
    return contract_fields(facts, _NO_SAMPLE, ["xlsx"], [], [first, {"name": "column_2", "header": headers[1]}], (0,))


def contract_fields(
    facts: dict[str, Any],
    outline: Outline,
    suffixes: Sequence[str],
    ignored: Sequence[str],
    columns: list[dict[str, Any]],
    key: Sequence[int],
    answer: RecordSample | None = None,
) -> dict[str, Any]:
    """The whole contract. `key` are the places of the key's columns; without a key, rows replace nothing.

    `answer` is the sample, where it is an answer of an API; without it, records are JSON lines.
    """
    common = facts | {"cadence": "monthly", "due_day": 8, "unit_level": "city"}
    end = {"columns": columns} | ({"ignored_headers": list(ignored)} if ignored else {})
    if outline.kind == "records":
        source = _api_source(facts, outline, columns, key) | _answer_fields(answer)
        return common | {"source": source, "format": {"kind": "records"}, "replaces": "key" if key else "nothing"} | end
    form: dict[str, Any] = {"kind": outline.kind}
    if outline.kind == "delimited":
        form |= {"encoding": outline.encoding, "delimiter": outline.delimiter}
    source = _folder_source(facts, suffixes)
    return common | {"period_kind": "month", "source": source, "format": form, "replaces": "period" if key else "nothing"} | end


def _api_source(facts: dict[str, Any], outline: Outline, columns: Sequence[dict[str, Any]], key: Sequence[int]) -> dict[str, Any]:
    first = columns[key[0]] if key else {"name": outline.headers[0]}
    return {
        "kind": "http_api",
        "connection": f"{facts['system']}_api",
        "request": {"path": f"/openapi/v1/{facts['name'].replace('_', '-')}"},
        "key": first.get("field", first["name"]),
        "updated_field": next((name for name in outline.headers if "updat" in name.casefold()), "updatedAt"),
    }


def _answer_fields(answer: RecordSample | None) -> dict[str, str]:
    if answer is None:
        return {"answer": "json_lines"}
    kind = {} if answer.kind == "json" else {"answer": answer.kind}
    return kind | ({"records": answer.path} if answer.path else {})


def _folder_source(facts: dict[str, Any], suffixes: Sequence[str]) -> dict[str, Any]:
    escaped = [re.escape(suffix) for suffix in suffixes]
    ending = escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"
    return {
        "kind": "file_drop",
        "connection": f"{facts['system']}_sftp",
        "folder": facts["name"],
        "pattern": rf"(?P<period>\d{{4}}-\d{{2}})/[^/]*\.{ending}",
    }
