"""The outlines of samples, and the one outline that fits them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from loaders.contract import ContractError
from loaders.messages import phrase
from loaders.model import Issue
from loaders.reading import Outline, OutlineRequest, ReaderPool
from loaders.scaffold.inference.record_samples import RecordSample, record_sample


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample: where its rows can be read, its name as it was given, and the records of an answer that it was made from."""

    name: str
    suffix: str
    path: Path
    outline: Outline
    records: RecordSample | None = None


def outlined_samples(pool: ReaderPool, samples: Sequence[Path], password: str | None, folder: Path) -> list[Sample]:
    """Outlines each sample. Records within JSON or XML are written to `folder` as JSON lines.

    Raises:
        ContractError: a sample cannot be read, or has no header.
    """
    outlined = []
    for number, given in enumerate(samples):
        records = record_sample(given)
        path = given
        if records is not None:
            path = folder / f"{number}.jsonl"
            records.write(path)
        outline = pool.outline(OutlineRequest(path, password))
        if isinstance(outline, Issue):
            raise unusable(given.name, outline)
        outlined.append(Sample(given.name, given.suffix.lower().lstrip(".") or "csv", path, outline, records))
    return outlined


def joined_outline(samples: Sequence[Sample]) -> tuple[Outline, list[str], list[str]]:
    """Joins the outlines of all samples.

    Returns:
        The outline with every header that its words tell from others, in the order of the first sample; the headers that stand
        over several columns; the headers that some samples lack.

    Raises:
        ContractError: the samples are of different kinds, or every header stands twice.
    """
    first = samples[0].outline
    for sample in samples[1:]:
        if _form(sample.outline) != _form(first):
            message = phrase("new_report.forms_differ", first=samples[0].name, other=sample.name)
            raise ContractError(f"{message.zh} / {message.en}")
    found = [_distinct_headers(sample.outline.headers) for sample in samples]
    repeated = list(dict.fromkeys(header for _, twice in found for header in twice))
    headers = list(dict.fromkeys(header for once, _ in found for header in once if header not in repeated))
    if not headers:
        message = phrase("new_report.every_header_twice", sample=samples[0].name, headers=", ".join(repeated))
        raise ContractError(f"{message.zh} / {message.en}")
    partly = [header for header in headers if any(header not in once for once, _ in found)]
    measures = tuple(dict.fromkeys(unit for sample in samples for unit in sample.outline.measures))
    return replace(first, headers=tuple(headers), measures=measures), repeated, [] if first.kind == "records" else partly


def unusable(name: str, issue: Issue) -> ContractError:
    """Returns the error of a sample that cannot be read: why, in both languages."""
    return ContractError(f"{name}: {issue.message_zh} / {issue.message_en}; nothing was written")


def _form(outline: Outline) -> tuple[str, str | None, str | None]:
    return outline.kind, outline.encoding, outline.delimiter


def _distinct_headers(headers: Sequence[str]) -> tuple[list[str], list[str]]:
    """The headers that stand once, and those that stand several times: by its words alone no column of these can be known."""
    from loaders.reading.tables.headers.header_text import exact_form

    forms = [exact_form(header) for header in headers]
    once = [header for header, form in zip(headers, forms, strict=True) if forms.count(form) == 1]
    return once, list({form: header for header, form in zip(headers, forms, strict=True) if forms.count(form) > 1}.values())
