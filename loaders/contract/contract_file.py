"""One expectations file -> its contract, or every fault that keeps it from being one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from loaders.contract.closed import Words
from loaders.contract.columns import Column
from loaders.contract.cross import AgreesWith, Alive, ExistsIn, NeverFalls, SumAgrees
from loaders.contract.documents import Database, Delimited, FileDrop, HttpApi, Layout, Manifest, Marker, Workbook
from loaders.contract.report import Owner, Report, Rule

_CROSS = (ExistsIn, Alive, AgreesWith, SumAgrees, NeverFalls)
_PARTS = (Report, Column, Rule, Layout, Owner, Words, FileDrop, Marker, Manifest, HttpApi, Database, Workbook, Delimited, *_CROSS)
_FIELDS = tuple(dict.fromkeys(field.alias or name for part in _PARTS for name, field in part.model_fields.items()))
_LONGEST_SHOWN = 80
_NO_CHARACTER = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class ContractFault:
    """One fault of one expectations file: `charity/community_fund.yml`, the field, what is wrong and what to do.

    `declared` is the report that the file says it is of, where that can be read and is not the file's name.
    """

    file: str
    field: str
    message: str
    declared: str | None = None

    @property
    def reports(self) -> frozenset[str]:
        """The reports that the file may be of: the one that its name says, and the one that it says itself."""
        return frozenset(filter(None, (Path(self.file).stem, self.declared)))

    def __str__(self) -> str:
        return f"{self.file}: {self.field}: {self.message}"


def read_contract(path: Path) -> tuple[Report | None, list[ContractFault]]:
    """The contract in a file; None when it has faults of its own, all of which are listed."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        what = f"expected text in utf-8, found bytes that are none from place {error.start} on; save the file as UTF-8"
        return None, [ContractFault(file_name(path), "file", what)]
    except OSError as error:
        what = f"cannot be read ({error.strerror or error}); let the pipeline's user read it"
        return None, [ContractFault(file_name(path), "file", what)]
    return report_from(path, text)


def report_from(path: Path, text: str) -> tuple[Report | None, list[ContractFault]]:
    """The contract that a text is, as if it stood in a file; None when it has faults of its own, all of which are listed."""
    file = file_name(path)
    content: Any = None
    try:
        content = yaml.load(text, _Loader)  # noqa: S506 - a safe loader, in C
        unstorable = [ContractFault(file, place, message) for place, message in _unstorable("report", content)]
        return (None, unstorable) if unstorable else (Report.model_validate(content), [])
    except ValidationError as error:
        told = [place_and_words for fault in error.errors() for place_and_words in _told(fault, content)]
        return None, [ContractFault(file, place, message) for place, message in told]
    # Whatever an editor left behind can break a parser in ways that it has no name for; it must not cost the other reports.
    except Exception as error:
        return None, [ContractFault(file, "file", " ".join(str(error).split()) or type(error).__name__)]


def file_name(path: Path) -> str:
    """The file as faults name it."""
    return f"{path.parent.name}/{path.name}"


def _unstorable(place: str, content: Any) -> Iterator[tuple[str, str]]:
    """Texts that neither a database nor a mail can hold: NUL and halves of characters, which only escapes bring in."""
    if isinstance(content, str):
        if _NO_CHARACTER.search(content):
            yield place, "holds a character that is none (NUL or half of one); take it out"
    elif isinstance(content, dict):
        for name, part in content.items():
            yield from _unstorable(str(name) if place == "report" else f"{place}.{name}", part)
    elif isinstance(content, list):
        for number, part in enumerate(content):
            yield from _unstorable(f"{place}.{number}", part)


class _Loader(yaml.CSafeLoader):
    """YAML in which no field may be said twice: the first of the two would be lost without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            name = key.value
            if name in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{name} is said twice", key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


def _told(fault: Mapping[str, Any], content: Any) -> Iterator[tuple[str, str]]:
    """The place and the words of a fault; one that lists several is told as several."""
    place = _place(fault["loc"], content)
    if fault["type"] == "value_error":
        for message in str(fault["ctx"]["error"]).split("; "):
            yield place, message
    elif fault["type"] == "missing":
        yield place, "is missing"
    elif fault["type"] == "extra_forbidden":
        yield place, f"is no field here{_guess(str(fault['loc'][-1]))}"
    else:
        yield place, f"{fault['msg']}, found {_short(fault['input'])}"


def _place(location: tuple[int | str, ...], content: Any) -> str:
    """The field, with the name of the column or rule beside its number: `columns.3 (town_code).header`."""
    parts = []
    for part in location:
        content = content.get(part) if isinstance(content, dict) else _item(content, part)
        named = content.get("name") or content.get("expect") if isinstance(content, dict) and isinstance(part, int) else None
        parts.append(f"{part} ({named})" if named else str(part))
    return ".".join(parts) or "report"


def _item(content: Any, part: int | str) -> Any:
    return content[part] if isinstance(content, list) and isinstance(part, int) and part < len(content) else None


def _guess(name: str) -> str:
    close = get_close_matches(name, _FIELDS, n=1)
    return f'; did you mean "{close[0]}"?' if close else ""


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
