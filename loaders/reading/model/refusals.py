"""Refusals of documents: what was found, what was expected, and how the sender can fix it."""

from __future__ import annotations

from loaders.contract import LocalizedText
from loaders.messages import Parameter, issue_of, phrase
from loaders.model import READER_INTERRUPTED, Issue

_HOW_TO_ENCODE = frozenset({"gb18030", "utf-8", "utf-8-sig", "utf-16"})
_DELIMITERS = {",": "delimiter.comma", "\t": "delimiter.tab", ";": "delimiter.semicolon", "|": "delimiter.bar"}


class Refusal(Exception):
    """Refusal of a document that yields no table.

    `issue` states the reason, `rows_total` the number of rows that were counted.
    """

    def __init__(self, issue: Issue, rows_total: int = 0) -> None:
        super().__init__(issue.message_en)
        self.issue = issue
        self.rows_total = rows_total

    def counting(self, rows_total: int) -> Refusal:
        """Returns the same refusal with a number of rows."""
        return Refusal(self.issue, rows_total)


def empty_document() -> Refusal:
    """Builds the refusal of a file without content."""
    return Refusal(issue_of("empty_document"))


def unreadable_document(reason: str, expected: str | None = None, **parameters: Parameter) -> Refusal:
    """Builds the refusal of a file that cannot be opened in its own format. `reason` is the code of a phrase."""
    return Refusal(issue_of("unreadable_document", detail=phrase(reason, **parameters), expected=expected))


def encrypted_document(reason: str) -> Refusal:
    """Builds the refusal of an encrypted workbook without the right password. `reason` is the code of a phrase."""
    return Refusal(issue_of("encrypted_document", reason=phrase(reason)))


def too_large(found: str, limit: str) -> Refusal:
    """Builds the refusal of a document whose unpacked size exceeds the limit."""
    return Refusal(issue_of("too_large", found=found, limit=limit))


def limit_exceeded(reason: str, **parameters: Parameter) -> Refusal:
    """Builds the refusal of a document that exceeded a limit of memory or time. `reason` is the code of a phrase."""
    return Refusal(issue_of("limit_exceeded", detail=phrase(reason, **parameters)))


def reader_interrupted() -> Refusal:
    """Builds the refusal of a document whose reader was killed twice by another process.

    Nothing indicates an error in the document, so its sender is asked for nothing.
    """
    return Refusal(issue_of(READER_INTERRUPTED))


def wrong_encoding(declared: str, detail: LocalizedText, likely: str | None) -> Refusal:
    """Builds the refusal of a text file that is not in the declared encoding."""
    return Refusal(
        issue_of(
            "wrong_encoding",
            declared=declared,
            detail=detail,
            guess=phrase("encoding.guess", likely=likely) if likely else "",
            how_to=phrase(f"how_to_encode.{declared}") if declared in _HOW_TO_ENCODE else "",
            found=likely or detail.en,
        )
    )


def nul_bytes(count: int, line: int) -> Refusal:
    """Builds the refusal of a text file with NUL bytes, which no export writes."""
    return Refusal(issue_of("nul_bytes", count=count, line=line))


def wrong_delimiter(declared: str, likely: str) -> Refusal:
    """Builds the refusal of a text file with another delimiter than declared."""
    return Refusal(issue_of("wrong_delimiter", declared=_delimiter_name(declared), likely=_delimiter_name(likely)))


def _delimiter_name(delimiter: str) -> LocalizedText:
    code = _DELIMITERS.get(delimiter)
    return phrase("quoted", text=delimiter) if code is None else phrase(code)


def unclosed_quote(line: int) -> Refusal:
    """Builds the refusal of a text file in which a quotation mark is never closed. The rows after it would become one value."""
    return Refusal(issue_of("unclosed_quote", row=line))


def too_many_ragged_rows(count: int, expected: int, first: int) -> Refusal:
    """Builds the refusal of a text file in which too many rows have another number of fields than the header.

    The cause must then be the delimiter or missing quotation marks.
    """
    return Refusal(issue_of("ragged_rows", count=count, width=expected, row=first))


def reader_failed(detail: str) -> Refusal:
    """Builds the refusal of a document on which the reader failed."""
    return Refusal(issue_of("reader_failed", detail=detail))
