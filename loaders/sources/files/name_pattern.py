"""Reads unit and period from a file's name by a contract's pattern.

The name is matched as it is first, then its canonical form: machines and people write `.XLSX`, full-width brackets and digits,
decomposed letters, or blanks around an underscore, and mean the same name. Last, it is matched without the revision marks at its
end (`(修订)`, `_v2`), which a pattern need not know.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from loaders.contract import FileDrop, Report
from loaders.period import Period
from loaders.revision import without_revision_mark
from loaders.sources.errors import is_printable

# Names of uploads in progress, and of files that programs leave beside documents: `a.xlsx.part`, `~$a.xlsx`, `.DS_Store`.
_UNFINISHED_END = re.compile(r"\.(part|partial|tmp|temp|filepart|crdownload|download|uploading)\Z", re.IGNORECASE)
_NO_DOCUMENT = re.compile(
    r"(^|/)(\.(?!\./)|~\$|(thumbs\.db|ehthumbs\.db|desktop\.ini)\Z|__macosx/)|" + _UNFINISHED_END.pattern, re.IGNORECASE
)
# Spaces that are no part of the name for its reader: `441302 _ 5月 .xlsx`.
_LOOSE_BLANKS = re.compile(r"\s*([_.\-])\s*")


class FileNamePattern:
    """The names that one report's contract accepts: those of `source.pattern`, or of another `pattern` of the contract."""

    def __init__(self, report: Report, source: FileDrop | None = None, *, pattern: str = "") -> None:
        self._report = report
        accepted = source.pattern if source is not None else pattern
        self._exact = re.compile(accepted)
        self._canonical = _canonical_pattern(accepted)

    def read(self, below: str) -> tuple[str | None, Period | None] | None:
        """Returns the unit and the period of a path below the folder; None for a name that the contract does not accept."""
        if not is_printable(below) or ".." in below.split("/"):
            return None
        for match in self._matches(below):
            groups = {name: canonical_name(text) for name, text in match.groupdict().items() if text}
            try:
                period = Period.parse(groups["period"].upper()) if "period" in groups else None
            except ValueError:
                continue
            if period is None or self._report.period_kind in {None, period.kind}:
                return self._unit(groups.get("unit")), period
        return None

    def _matches(self, below: str) -> Iterator[re.Match[str]]:
        if (match := self._exact.fullmatch(below)) is not None:
            yield match
        if self._canonical is not None:
            plain = canonical_name(below)
            forms = dict.fromkeys((plain, _without_loose_blanks(plain)))
            # A correction often has the name of what it corrects, with a mark at its end.
            unmarked = filter(None, map(without_revision_mark, forms))
            for name in (*forms, *unmarked):
                if (match := self._canonical.fullmatch(name)) is not None:
                    yield match

    def _unit(self, stated: str | None) -> str | None:
        """Returns the unit as the contract writes it: `hz-zk` is HZ-ZK."""
        if stated is None or stated in self._report.units:
            return stated
        return next((unit for unit in self._report.units if unit.casefold() == stated.casefold()), stated)


def place_of(source: FileDrop) -> str:
    """Returns the common prefix of the locations of all files below a folder.

    It has the name of the connection, not host and port, which may change for the same drop.
    """
    return f"{source.connection}:/{source.folder.strip('/')}/".replace("://", ":/", 1)


def is_ignored_file(below: str) -> bool:
    """Returns whether a name is that of an upload in progress or of a program's own file, which needs no notice."""
    return _NO_DOCUMENT.search(below) is not None


def finished_name(below: str) -> str:
    """Returns the name that a file will have once its upload has ended."""
    return _UNFINISHED_END.sub("", below)


def canonical_name(below: str) -> str:
    """Returns a path in one width and composition, without invisible characters; its folders are unchanged."""
    return "/".join(map(_canonical_segment, below.split("/")))


def _canonical_segment(segment: str) -> str:
    if segment.isascii():
        return segment
    visible = "".join(letter for letter in unicodedata.normalize("NFKC", segment) if unicodedata.category(letter) != "Cf")
    # A full-width slash is part of the name and separates no folders.
    return visible.replace("/", "／")


def _without_loose_blanks(name: str) -> str:
    return "/".join(_LOOSE_BLANKS.sub(r"\1", segment).strip() for segment in name.split("/"))


def _canonical_pattern(pattern: str) -> re.Pattern[str] | None:
    """Returns the pattern for canonical names; None when it is no valid pattern (then only the exact one is used)."""
    try:
        return re.compile("".join(_canonical_tokens(unicodedata.normalize("NFC", pattern))), re.IGNORECASE)
    except re.error:
        return None


def _canonical_tokens(pattern: str) -> Iterator[str]:
    """Yields the pattern letter by letter, each literal in its canonical form: `（` is a literal bracket, not a group."""
    in_class, is_escaped, class_start = False, False, 0
    for place, letter in enumerate(pattern):
        yield letter if letter.isascii() else _literal(letter, in_class=in_class, is_escaped=is_escaped)
        if is_escaped:
            is_escaped = False
        elif letter == "\\":
            is_escaped = True
        elif not in_class and letter == "[":
            in_class, class_start = True, place
        elif in_class and letter == "]" and pattern[class_start + 1 : place] not in {"", "^"}:
            in_class = False


def _literal(letter: str, *, in_class: bool, is_escaped: bool) -> str:
    form = unicodedata.normalize("NFKC", letter)
    if len(form) == 1:
        return form if is_escaped or form == letter else re.escape(form)
    # Several letters cannot stand for one letter of a class, and a backslash escapes one letter only.
    return letter if in_class or is_escaped else f"(?:{re.escape(form)})"
