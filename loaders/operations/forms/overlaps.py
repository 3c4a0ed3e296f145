"""Overlaps as rows for people: both places with their headers, and every reason as a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from loaders.contract import LocalizedText, Replaces, Report
from loaders.messages import phrase
from loaders.overlap import ColumnPlace, Evidence, Overlap, RepeatedColumns, repeated_columns


def overlap_rows(
    found: Iterable[Overlap], reports: Mapping[str, Report], lang: str, *, report: str | None = None
) -> list[dict[str, Any]]:
    """One row per pair of columns, in the order in which they are given.

    Args:
        found: the overlaps.
        reports: all contracts by name.
        lang: the language of the sentences, `zh` or `en`.
        report: only pairs with this report.
    """
    return [
        _row(overlap, reports, lang)
        for overlap in found
        if report is None or report in {overlap.asked.report, overlap.known.report}
    ]


def best_per_column(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The row of each column that is asked for from which it is best filled in: the surest, a register before other reports."""
    best: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        kept = best.setdefault((row["report"], row["column"]), row)
        if _preference(row) > _preference(kept):
            best[row["report"], row["column"]] = row
    return list(best.values())


def _preference(row: Mapping[str, Any]) -> tuple[float, bool, bool, bool]:
    """The score; then what a rule of a contract compares, what needs no third report, and registers."""
    codes = {reason["code"] for reason in row["evidence"]}
    return row["score"], "declared" in codes, "third" not in codes, row["is_register"]


def repeated_rows(reports: Mapping[str, Report], *, report: str | None = None) -> list[dict[str, Any]]:
    """One row per report that asks again, each period, what was reported before."""
    found = (repeated_columns(one) for name, one in sorted(reports.items()) if report in {None, name} and one.retired is None)
    return [_repeated_row(reports[one.report], one) for one in found if one is not None and one.staying]


def _row(overlap: Overlap, reports: Mapping[str, Report], lang: str) -> dict[str, Any]:
    asked, known = reports[overlap.asked.report], reports[overlap.known.report]
    links = ", ".join(f"{here} = {there}" for here, there in overlap.link)
    return {
        "report": asked.report,
        "column": overlap.asked.column,
        "header": asked.column(overlap.asked.column).header,
        "relation": overlap.relation.value,
        "known_report": known.report,
        "known_column": overlap.known.column,
        "known_header": _header(known, overlap.known, lang),
        "is_register": known.replaces is Replaces.REGISTER,
        "link": links,
        "score": overlap.score,
        "units": list(overlap.units),
        "asked_of": _text(phrase("overlap.same_unit" if overlap.units else "overlap.other_unit"), lang),
        "cadence": asked.cadence.value,
        "known_cadence": known.cadence.value,
        "format": asked.format.kind,
        "known_format": known.format.kind,
        "owner": _owner(asked, lang),
        "known_owner": _owner(known, lang),
        "evidence": [
            {"code": one.code, "weight": one.weight, "text": sentence}
            for one, sentence in zip(overlap.evidence, _sentences(overlap.evidence, lang), strict=True)
        ],
    }


def _header(report: Report, place: ColumnPlace, lang: str) -> str:
    return report.column(place.column).header if place.column else _text(phrase("overlap.rows"), lang)


def _owner(report: Report, lang: str) -> str:
    owner = report.single_owner or report.owners[-1]
    return _text(owner.role, lang)


def _sentences(evidence: Iterable[Evidence], lang: str) -> list[str]:
    return [_text(phrase(f"overlap.{one.code}", **dict(one.parameters)), lang) for one in evidence]


def _text(text: LocalizedText, lang: str) -> str:
    return text.en if lang == "en" else text.zh


def _repeated_row(report: Report, repeated: RepeatedColumns) -> dict[str, Any]:
    return {
        "report": report.report,
        "cadence": report.cadence.value,
        "key": [report.column(name).header for name in repeated.key],
        "staying": [report.column(name).header for name in repeated.staying],
        "closing": [report.column(name).header for name in repeated.closing],
    }
