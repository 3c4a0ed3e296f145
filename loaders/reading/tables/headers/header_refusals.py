"""Header refusals: name what the document prints and what the contract expects, side by side."""

from __future__ import annotations

from collections.abc import Mapping

from loaders.contract import Report
from loaders.reading.model.refusals import Refusal, refuse
from loaders.reading.model.sheets import column_letter
from loaders.reading.tables.headers.header_finder import HeaderMatch, HeaderMismatch

_ORDER = ("ambiguous_column", "missing_column", "unknown_column")


def no_header(report: Report, sheets: list[str]) -> Refusal:
    """Builds the refusal of a document in which no row resembles the report's header."""
    expected = "、".join(column.header for column in report.columns if not column.may_be_absent)
    names = "、".join(sheets)
    seen_zh, seen_en = (f"（查看了工作表：{names}）", f" (sheets looked at: {names})") if names else ("", "")
    return refuse(
        "header_not_found",
        f"没有找到《{report.title.zh}》的表头{seen_zh}；请确认是否报错了文件，或按规定表样填报。应有的列：{expected}",
        f"no header of this report was found{seen_en}: check that it is the right file. Expected columns: {expected}",
        found=names or None,
        expected=expected,
    )


def no_sheet(pattern: str, sheets: list[str]) -> Refusal:
    """Builds the refusal of a document in which no visible sheet has a name that the contract knows."""
    names = "、".join(sheets) or "—"
    return refuse(
        "sheet_not_found",
        f"没有名称符合“{pattern}”的工作表；文件中可见的工作表有：{names}；请改回规定的工作表名称后重新报送",
        f'no visible sheet has a name like "{pattern}"; there are: {names}: restore the agreed name and send the file again',
        found=names,
        expected=pattern,
    )


def header_refusal(match: HeaderMatch, report: Report) -> Refusal:
    """Builds the refusal of a header that matches the contract only in part."""
    mismatch = min(match.mismatches, key=lambda mismatch: _ORDER.index(mismatch.rule))
    zh, en = (
        _ambiguous(mismatch, report)
        if mismatch.rule == "ambiguous_column"
        else _MESSAGES[mismatch.rule](mismatch, _letters(match))
    )
    sheet_zh, sheet_en = (f"工作表“{match.sheet}”", f'sheet "{match.sheet}", ') if match.sheet else ("", "")
    place_zh = f"{sheet_zh}第 {match.first_row} 行表头："
    place_en = f"{sheet_en}header in row {match.first_row}: "
    return refuse(
        mismatch.rule,
        place_zh + zh,
        place_en + en,
        found="、".join(mismatch.found) or "—",
        expected="、".join(mismatch.expected) or "—",
        sheet=match.sheet or None,
        row=match.first_row,
    )


def _letters(match: HeaderMatch) -> dict[str, str]:
    """Returns the column letter of each path of words."""
    return {" ".join(path): column_letter(column) for column, path in match.paths.items()}


def _extra_columns(mismatch: HeaderMismatch, letters: Mapping[str, str]) -> tuple[str, str]:
    """Returns the unknown columns, each with its letter."""
    pairs = [(word, letters.get(word, "?")) for word in mismatch.found]
    return "、".join(f"“{word}”（{letter} 列）" for word, letter in pairs), ", ".join(
        f'"{word}" (column {letter})' for word, letter in pairs
    )


def _missing(mismatch: HeaderMismatch, letters: Mapping[str, str]) -> tuple[str, str]:
    missing = "、".join(mismatch.expected)
    extra_zh, extra_en = _extra_columns(mismatch, letters)
    if not extra_zh:
        return f"缺少列：{missing}；请补上该列", f"missing column: {missing}: add it"
    return (
        f"缺少列：{missing}；多出不认识的列：{extra_zh}，是否改了名称？请把列名改回“{missing}”，或补上所缺的列",
        f"missing column: {missing}; columns not known: {extra_en}. Were they renamed? Restore the names, or add what is missing",
    )


def _unknown(mismatch: HeaderMismatch, letters: Mapping[str, str]) -> tuple[str, str]:
    zh, en = _extra_columns(mismatch, letters)
    return f"多出不认识的列：{zh}；请删除该列，或改回规定的列名", f"columns not known: {en}: delete them or restore their names"


def _ambiguous(mismatch: HeaderMismatch, report: Report) -> tuple[str, str]:
    header = report.column(mismatch.expected[0]).header
    zh, en = "、".join(map(_place_zh, mismatch.found)), ", ".join(mismatch.found)
    return f"有几列都像“{header}”：{zh}；请只保留一列，或改回规定的列名", f'several columns look like "{header}": {en}: keep one'


def _place_zh(found: str) -> str:
    """Formats `备注 (E)` as `“备注”（E 列）`. In a form the location is a cell."""
    word, _, place = found.removesuffix(")").rpartition(" (")
    return f"“{word}”（{place} 列）" if place.isalpha() else f"“{word}”（{place}）"


_MESSAGES = {"missing_column": _missing, "unknown_column": _unknown}


def field_refusal(unknown: list[str], missing: list[str]) -> Refusal:
    """Builds the refusal of records whose fields differ from the contract's."""
    extra, absent = "、".join(unknown), "、".join(missing)
    zh = "；".join(
        part for part in (f"缺少字段：{absent}" if absent else "", f"多出不认识的字段：{extra}" if extra else "") if part
    )
    en = "; ".join(
        part for part in (f"missing fields: {absent}" if absent else "", f"fields not known: {extra}" if extra else "") if part
    )
    return refuse(
        "missing_column" if missing else "unknown_column",
        f"{zh}；请与系统方核对接口字段，或修改报表约定",
        f"{en}: settle the fields with the system's owner, or change the contract",
        found=extra or "—",
        expected=absent or "—",
    )
