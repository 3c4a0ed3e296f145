"""The cells of a document that cannot be edited, as they were read, at the places that its issues name."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loaders.contract import Delimited, LocalizedText, Records, Report, Workbook
from loaders.messages import localized, phrase
from loaders.reading import cells_as_json
from loaders.reading.formats.detect import format_of
from loaders.reading.formats.registry import OOXML, FileFormat
from loaders.reading.formats.text_decoding import decode_text
from loaders.reading.model.issue_list import list_names, list_titles
from loaders.reading.model.refusals import Refusal
from loaders.reading.model.sheets import parse_address
from loaders.reading.text.encodings import bom_codec
from loaders.reading.text.record_batches import numbered_records

_MOST_BYTES = 32 * 1024**2


@dataclass(frozen=True, slots=True)
class ReadCell:
    """A cell: its text, whether it is a plain number, and how its font marks it (`struck`, `raised`)."""

    text: str
    is_number: bool = False
    font: str = ""


@dataclass(frozen=True, slots=True)
class ReadSheet:
    """A sheet: its cells by row and column from 1, its merges, and the columns that stand for columns of the contract."""

    name: str
    cells: dict[tuple[int, int], ReadCell]
    merges: tuple[str, ...] = ()
    is_hidden: bool = False
    first_record_row: int = 1
    columns: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """The sheets of a document. `kind` names its format; `is_workbook` says that its report may be sent as any workbook."""

    sheets: tuple[ReadSheet, ...]
    kind: LocalizedText
    is_workbook: bool


def read_sheets(content: bytes, report: Report | None) -> ReadDocument | None:
    """Reads a document again; None if it cannot be read, or is too large for a copy.

    A text or records are split as the contract says, because its issues count lines of the file. Everything else is read in a
    worker process. A document with a password of its own is not read: its copy would have none.
    """
    if len(content) > _MOST_BYTES:
        return None
    found = format_of(io.BytesIO(content))
    if report is None or isinstance(report.format, Workbook) or not found.may_be_text:
        sheets = _workbook(content)
    else:
        try:
            sheets = (_records(content, report) if isinstance(report.format, Records) else _delimited(content, report.format),)
        except (Refusal, ValueError):
            return None
    is_workbook = report is None or isinstance(report.format, Workbook)
    return ReadDocument(sheets, _kind_of(found), is_workbook) if sheets else None


def _kind_of(found: FileFormat) -> LocalizedText:
    if found is OOXML:
        return phrase("annotation.broken_workbook")
    return phrase(found.phrase) if found.phrase else localized(found.name, found.name)


def _workbook(content: bytes) -> tuple[ReadSheet, ...]:
    with tempfile.TemporaryDirectory(prefix="huimin-") as folder:
        path = Path(folder) / "document"
        path.write_bytes(content)
        read = json.loads(cells_as_json(path))
    return tuple(_sheet(facts) for facts in read.get("sheets", ()) if not _is_own_list(facts))


def _is_own_list(facts: Mapping[str, Any]) -> bool:
    first = next(iter(facts["cells"]), {"cell": "", "value": ""})
    return facts["name"].startswith(list_names()) and first["cell"] == "A1" and first["value"] in list_titles()


def _sheet(facts: Mapping[str, Any]) -> ReadSheet:
    cells = {parse_address(cell["cell"]): _cell(cell) for cell in facts["cells"]}
    return ReadSheet(facts["name"], cells, tuple(facts["merged"]), facts["hidden"])


def _cell(facts: Mapping[str, Any]) -> ReadCell:
    """A cell as it shows itself. Dates keep their full form, which their format may have shortened."""
    font = next((flag for flag in facts["flags"] if flag in {"struck", "raised"}), "")
    text = str(facts["value"])
    if facts["type"] != "number":
        return ReadCell(text, font=font)
    shown = str(facts.get("shown", text))
    plain = shown.replace(",", "")
    is_number = "precision_lost" not in facts["flags"] and _is_exact(plain)
    return ReadCell(plain if is_number else shown, is_number, font)


def _is_exact(text: str) -> bool:
    """Whether a spreadsheet program shows this number as it is written."""
    digits = text.lstrip("-").replace(".", "", 1)
    is_written_plainly = digits.isascii() and digits.isdigit() and len(digits) <= 15 and not text.endswith(".")
    return is_written_plainly and f"{float(text):.15g}" == (text.rstrip("0").rstrip(".") if "." in text else text)


def _delimited(content: bytes, form: Delimited) -> ReadSheet:
    codec = bom_codec(content[:4]) or ("utf-8" if form.encoding in {"utf-8", "utf-8-sig"} else form.encoding)
    try:
        text = content.decode(codec).lstrip("\ufeff")
    except UnicodeDecodeError:
        text = decode_text(content, expected="text")[0]
    cells = {
        (line, column): ReadCell(field)
        for line, _, fields in numbered_records(io.StringIO(text, newline=""), form.delimiter)
        for column, field in enumerate(fields, start=1)
        if field
    }
    return ReadSheet("Sheet1", cells)


def _records(content: bytes, report: Report) -> ReadSheet:
    """Records as a table: the fields of the contract in its order, one line per row, below a row of headers."""
    fields = {column.field or column.name: number for number, column in enumerate(report.columns, start=1)}
    cells = {(1, number): ReadCell(column.header) for number, column in enumerate(report.columns, start=1)}
    for line, text in enumerate(content.decode("utf-8-sig", errors="replace").splitlines(), start=1):
        for name, value in _values(text).items():
            if name in fields and value is not None:
                cells[line + 1, fields[name]] = ReadCell(
                    value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                )
    columns = {column.name: number for number, column in enumerate(report.columns, start=1)}
    return ReadSheet("Sheet1", cells, first_record_row=2, columns=columns)


def _values(text: str) -> dict[str, Any]:
    """The fields of a record, those of an object in it by their path (`address.city`)."""
    try:
        record = json.loads(text, parse_float=str)
    except ValueError:
        return {}
    found: dict[str, Any] = {}
    for name, value in record.items() if isinstance(record, dict) else ():
        found[name] = value
        if isinstance(value, dict):
            found.update({f"{name}.{inner}": each for inner, each in value.items()})
    return found
