"""From a sample of a report to the contract that its documents fit: format, headers, and types as far as the sample shows them.

A start, to be edited. What the sample does not tell (the grain, the owner, rules) stands there as a placeholder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from loaders.contract import ContractError, Report
from loaders.model import Issue, Reading
from loaders.reading import Outline, OutlineRequest, ReaderPool, ReadRequest
from loaders.scaffold.type_inference import InferredType, infer_column_type
from loaders.settings import ReadingLimits

_NO_SAMPLE = Outline("workbook", ("编号", "名称"))
_ORDINALS = frozenset({"序号", "行次", "编次", "no", "no."})
_UNITS = frozenset({"unit", "printed_unit"})
_NAME = re.compile(r"[a-z][a-z0-9_]{0,50}")


@dataclass(frozen=True, slots=True)
class SampleContract:
    """The fields of a contract, and remarks on what the person who edits it must know."""

    fields: dict[str, Any]
    remarks: tuple[str, ...] = field(default=())


def infer_contract(facts: dict[str, Any], sample: Path | None, password: str | None = None) -> SampleContract:
    """The contract that a sample's documents fit; `facts` are the fields that no sample shows.

    Raises:
        ContractError: the sample cannot be read, or not under any contract; the message says what to do.
    """
    if sample is None:
        return SampleContract(_fields(facts, _NO_SAMPLE, "xlsx", {}, _columns_without_sample()))
    with ReaderPool(ReadingLimits()) as pool:
        outline = pool.outline(OutlineRequest(sample, password))
        if isinstance(outline, Issue):
            raise _unusable(sample, outline)
        headers, repeated = _distinct_headers(outline.headers)
        if not headers:
            raise ContractError(f"{sample.name}: every header stands twice ({', '.join(repeated)}): two tables side by side?")
        suffix = sample.suffix.lower().lstrip(".") or "csv"
        first = [_column(number, header, outline, InferredType()) for number, header in enumerate(headers, start=1)]
        plain = _fields(facts, outline, suffix, {"ignored_headers": repeated}, first, key=())
        reading = _read(pool, sample, plain, password)
        columns, key = _typed_columns(headers, outline, reading)
        fields = _fields(facts, outline, suffix, {"ignored_headers": repeated}, columns, key=key)
        try:
            _read(pool, sample, fields, password)
        except ContractError:
            # Its tables count in several units, say: what a guess adds must not keep the sample out.
            columns = [{name: stated for name, stated in column.items() if name not in _UNITS} for column in columns]
            fields = _fields(facts, outline, suffix, {"ignored_headers": repeated}, columns, key=key)
            _read(pool, sample, fields, password)
    return SampleContract(fields, tuple(_remarks(repeated, key)))


def _read(pool: ReaderPool, sample: Path, fields: dict[str, Any], password: str | None) -> Reading:
    """The sample under a contract: what its own sample does not fit is not worth writing."""
    try:
        report = Report.model_validate(fields)
    except ValidationError as error:
        stated = "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'report'}: {fault['msg']}" for fault in error.errors())
        raise ContractError(f"{sample.name} makes no contract: {stated}") from error
    reading = pool.read(ReadRequest(sample, report, None, password))
    if reading.refusal is not None:
        raise _unusable(sample, reading.refusal)
    return reading


def _unusable(sample: Path, issue: Issue) -> ContractError:
    return ContractError(f"{sample.name}: {issue.message_zh} / {issue.message_en}; nothing was written")


def _distinct_headers(headers: Sequence[str]) -> tuple[list[str], list[str]]:
    """The headers that stand once, and those that stand several times: by its words alone no column of these can be known."""
    from loaders.reading.tables.headers.header_text import exact_form

    forms = [exact_form(header) for header in headers]
    once = [header for header, form in zip(headers, forms, strict=True) if forms.count(form) == 1]
    return once, list({form: header for header, form in zip(headers, forms, strict=True) if forms.count(form) > 1}.values())


def _typed_columns(headers: Sequence[str], outline: Outline, reading: Reading) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    texts = [reading.rows.column(place).to_pylist() for place in range(2, 2 + len(headers))]
    columns = [
        _column(number, header, outline, infer_column_type(header, found, outline.measures))
        for number, (header, found) in enumerate(zip(headers, texts, strict=True), start=1)
    ]
    places = _key(headers, texts)
    for place in places:
        columns[place] |= {"required": True, "key": True}
    return columns, tuple(columns[place]["name"] for place in places)


def _key(headers: Sequence[str], texts: Sequence[list[str | None]]) -> tuple[int, ...]:
    """The first column, or two, whose values tell the rows apart; a running number only when nothing else does."""
    full = [place for place, found in enumerate(texts) if all(found)]
    named = [place for place in full if headers[place].casefold() not in _ORDINALS]
    ordinals = [place for place in full if place not in named]
    for places in (*combinations(named, 1), *combinations(named[:6], 2), *combinations(ordinals, 1)):
        rows = list(zip(*(texts[place] for place in places), strict=True))
        if len(set(rows)) == len(rows):
            return places
    return ()


def _column(number: int, header: str, outline: Outline, inferred: InferredType) -> dict[str, Any]:
    name = f"column_{number}"
    if outline.kind == "records":
        name = _snake_case(header, number)
        named = {"name": name, "header": header} | ({"field": header} if header != name else {})
        return named | inferred.fields()
    return {"name": name, "header": header} | inferred.fields()


def _snake_case(field_name: str, number: int) -> str:
    """`registeredCapital` as `registered_capital`; a field without Latin letters gets a number."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", field_name).lower()
    name = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")
    return name if _NAME.fullmatch(name) else f"column_{number}"


def _columns_without_sample() -> list[dict[str, Any]]:
    headers = _NO_SAMPLE.headers
    first: dict[str, Any] = {"name": "column_1", "header": headers[0], "required": True, "key": True}
    return [first, {"name": "column_2", "header": headers[1]}]


def _fields(
    facts: dict[str, Any],
    outline: Outline,
    suffix: str,
    more: dict[str, list[str]],
    columns: list[dict[str, Any]],
    key: tuple[str, ...] = ("column_1",),
) -> dict[str, Any]:
    """The whole contract. Without a key, rows replace nothing."""
    common = facts | {"cadence": "monthly", "due_day": 8, "unit_level": "city"}
    end = {"columns": columns} | {name: values for name, values in more.items() if values}
    if outline.kind == "records":
        key_field = next((column.get("field", column["name"]) for column in columns if column["name"] in key), outline.headers[0])
        source = {
            "kind": "http_api",
            "connection": f"{facts['system']}_api",
            "request": {"path": f"/openapi/v1/{facts['name'].replace('_', '-')}"},
            "key": key_field,
            "updated_field": next((name for name in outline.headers if "updat" in name.casefold()), "updatedAt"),
        }
        return common | {"source": source, "format": {"kind": "records"}, "replaces": "key" if key else "nothing"} | end
    source = {
        "kind": "file_drop",
        "connection": f"{facts['system']}_sftp",
        "folder": facts["name"],
        "pattern": rf"(?P<period>\d{{4}}-\d{{2}})/[^/]*\.{re.escape(suffix)}",
    }
    form: dict[str, Any] = {"kind": outline.kind}
    if outline.kind == "delimited":
        form |= {"encoding": outline.encoding, "delimiter": outline.delimiter}
    replaces = "period" if key else "nothing"
    return common | {"period_kind": "month", "source": source, "format": form, "replaces": replaces} | end


def _remarks(repeated: Sequence[str], key: Sequence[str]) -> Iterator[str]:
    if repeated:
        yield (
            f"these headers stand over several columns, which their words cannot tell apart: {', '.join(repeated)}. "
            "They are left out; to load them, let the form name each by words of its own, and name them under columns"
        )
    if not key:
        yield "no columns of the sample tell its rows apart: say what the key is, and what a new document replaces"
