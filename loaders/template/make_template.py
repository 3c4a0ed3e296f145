"""The way to a template: what its contract reads decides whether it is a workbook or a text."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from loaders.contract import Delimited, FileDrop, Mailbox, Workbook
from loaders.template.choice_lists import divisions_within
from loaders.template.file_names import path_for, plain_name, texts_for
from loaders.template.known_values import known_rows
from loaders.template.request import TemplateError, TemplateRequest
from loaders.template.workbook_template import write_workbook

_WORKBOOK_SUFFIX, _TEXT_SUFFIX = ".xlsx", ".csv"
_MOST_SHEET_CHARACTERS = 31
_MOST_SHEETS = 40
_FORBIDDEN_IN_SHEETS = re.compile(r"[\[\]:*?/\\']")
_LISTS_OF_SHEETS = ("divisions.town", "divisions.village", "divisions.county")


@dataclass(frozen=True, slots=True)
class Template:
    """An empty document: its bytes, its file name, and the path below the source's folder if the contract's pattern gives one.

    The path is None where the unit or the period is left open.
    """

    content: bytes
    file_name: str
    path: str | None


def make_template(request: TemplateRequest) -> Template:
    """Makes the empty document of a report.

    Raises:
        TemplateError: nobody fills in this report by hand, or its sheets cannot be named.
    """
    report = request.report
    if not isinstance(report.source, FileDrop | Mailbox):
        raise TemplateError(
            f"{report.report} is asked of {report.source.kind} and not filled in by hand: there is no template of it"
        )
    match report.format:
        case Workbook() as form:
            content = write_workbook(request, _sheet_names(request, form), is_form=form.form)
            return _named(request, content, _WORKBOOK_SUFFIX)
        case Delimited() as form:
            return _named(request, _text(request, form), _TEXT_SUFFIX)
    raise TemplateError(f"{report.report} comes as {report.format.kind} and not filled in by hand: there is no template of it")


def _named(request: TemplateRequest, content: bytes, suffix: str) -> Template:
    path = path_for(request.report, request.unit, request.period, suffix)
    name = PurePosixPath(path).name if path else f"{plain_name(request.report, request.unit, request.period)}{suffix}"
    return Template(content, name, path)


def _text(request: TemplateRequest, form: Delimited) -> bytes:
    """The headers and the known rows in the contract's encoding: a text has no place for anything else."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=form.delimiter, lineterminator="\r\n")
    writer.writerow([printed.header for printed in request.columns])
    for row in known_rows(request):
        writer.writerow([row.get(printed.name, "") for printed in request.columns])
    return text.getvalue().encode(form.encoding)


def _sheet_names(request: TemplateRequest, form: Workbook) -> list[str]:
    """The names of the sheets: the title if the contract lets it be one, else those of the unit's divisions that are."""
    title = _FORBIDDEN_IN_SHEETS.sub("", request.report.title.zh)[:_MOST_SHEET_CHARACTERS]
    if re.fullmatch(form.sheets, title):
        return [title]
    for list_name in _LISTS_OF_SHEETS if request.unit is not None else ():
        divisions = divisions_within(request.divisions, list_name, request.unit, request.period)
        names = list(dict.fromkeys(name for _, name in divisions if re.fullmatch(form.sheets, name)))
        if 0 < len(names) <= _MOST_SHEETS:
            return names
    for name in texts_for(form.sheets, {}, title):
        if name and len(name) <= _MOST_SHEET_CHARACTERS and re.fullmatch(form.sheets, name):
            return [name]
    raise TemplateError(f"{request.report.report}: no name of a sheet was found that matches {form.sheets}")
