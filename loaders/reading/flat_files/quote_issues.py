"""Issues of quotation marks in one record of a delimited text. The record is quarantined as written."""

from __future__ import annotations

from loaders.contract import LocalizedText
from loaders.messages import issue_of, phrase
from loaders.model import Issue


def stray_quote(line: int, last_line: int) -> Issue:
    """Builds the issue of a quotation mark inside a quoted field, which leaves unclear what belongs to the value."""
    return issue_of("stray_quote", row=line, lines=_lines(line, last_line))


def rows_in_quotes(line: int, last_line: int) -> Issue:
    """Builds the issue of two quotation marks that enclose line breaks, if without them each line would be a whole row."""
    count = last_line - line + 1
    return issue_of("rows_in_quotes", row=line, lines=_lines(line, last_line), count=count, last_row=last_line)


def _lines(line: int, last_line: int) -> LocalizedText:
    return phrase("lines.one", row=line) if last_line == line else phrase("lines.several", row=line, last_row=last_line)
