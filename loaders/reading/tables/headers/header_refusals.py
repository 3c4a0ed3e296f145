"""Header refusals: name what the document prints and what the contract expects, side by side."""

from __future__ import annotations

from loaders.contract import LocalizedText, Report
from loaders.messages import issue_of, join_texts, phrase
from loaders.reading.model.refusals import Refusal
from loaders.reading.model.sheets import column_letter
from loaders.reading.tables.headers.header_finder import HeaderMatch

_ORDER = ("ambiguous_column", "missing_column", "unknown_column")


def no_header(report: Report, sheets: list[str]) -> Refusal:
    """Builds the refusal of a document in which no row resembles the report's header."""
    expected = "、".join(column.header for column in report.columns if not column.may_be_absent)
    names = "、".join(sheets)
    seen = phrase("header.sheets_seen", names=names) if names else ""
    return Refusal(issue_of("header_not_found", title=report.title.zh, seen=seen, found=names or None, expected=expected))


def no_sheet(pattern: str, sheets: list[str]) -> Refusal:
    """Builds the refusal of a document in which no visible sheet has a name that the contract knows."""
    return Refusal(issue_of("sheet_not_found", found="、".join(sheets) or "—", expected=pattern))


def header_refusal(match: HeaderMatch, report: Report) -> Refusal:
    """Builds the refusal of a header that matches the contract only in part."""
    mismatch = min(match.mismatches, key=lambda mismatch: _ORDER.index(mismatch.rule))
    code = "missing_column.renamed" if mismatch.rule == "missing_column" and mismatch.found else mismatch.rule
    is_ambiguous = mismatch.rule == "ambiguous_column"
    letters = _letters(match)
    unknown = join_texts(phrase("column.unknown", word=word, letter=letters.get(word, "?")) for word in mismatch.found)
    return Refusal(
        issue_of(
            code,
            sheet=match.sheet or None,
            row=match.first_row,
            found="、".join(mismatch.found) or "—",
            expected="、".join(mismatch.expected) or "—",
            place=_place(match),
            header=report.column(mismatch.expected[0]).header if is_ambiguous else "",
            places=join_texts(map(_column_of, mismatch.found)) if is_ambiguous else "",
            missing="、".join(mismatch.expected),
            unknown=unknown,
        )
    )


def _place(match: HeaderMatch) -> LocalizedText:
    if match.sheet:
        return phrase("header.in_sheet", sheet=match.sheet, row=match.first_row)
    return phrase("header.in_row", row=match.first_row)


def _letters(match: HeaderMatch) -> dict[str, str]:
    """Returns the column letter of each path of words."""
    return {" ".join(path): column_letter(column) for column, path in match.paths.items()}


def _column_of(found: str) -> LocalizedText:
    """Describes a place such as `备注 (E)`; in a form it is a cell."""
    word, _, place = found.removesuffix(")").rpartition(" (")
    return phrase("column.ambiguous" if place.isalpha() else "column.ambiguous_cell", word=word, place=place)


def field_refusal(unknown: list[str], missing: list[str]) -> Refusal:
    """Builds the refusal of records whose fields differ from the contract's."""
    extra, absent = "、".join(unknown), "、".join(missing)
    code = "fields.both" if missing and unknown else "fields.missing" if missing else "fields.unknown"
    return Refusal(
        issue_of(
            "missing_column.field" if missing else "unknown_column.field",
            fields=phrase(code, missing=absent, unknown=extra),
            found=extra or "—",
            expected=absent or "—",
        )
    )
