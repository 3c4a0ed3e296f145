"""What the name of a file says under a contract's pattern: whose document it is, and of when.

A name is matched as it is first. Then its canonical form is: machines and people write `.XLSX`, full-width brackets and digits,
decomposed letters, or blanks around an underscore, and mean the same name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from loaders.contract import FileDrop, Report
from loaders.period import Period
from loaders.sources.errors import is_printable

# Marks of uploads that are under way, and what programs leave beside documents: `a.xlsx.part`, `~$a.xlsx`, `.DS_Store`.
_UNFINISHED_END = re.compile(r"\.(part|partial|tmp|temp|filepart|crdownload|download|uploading)\Z", re.IGNORECASE)
_NO_DOCUMENT = re.compile(
    r"(^|/)(\.(?!\./)|~\$|(thumbs\.db|ehthumbs\.db|desktop\.ini)\Z|__macosx/)|" + _UNFINISHED_END.pattern, re.IGNORECASE
)
# Blanks that no reader of the name sees as a part of it: `441302 _ 5月 .xlsx`.
_LOOSE_BLANKS = re.compile(r"\s*([_.\-])\s*")


class FileNamePattern:
    """The names that one report's contract knows."""

    def __init__(self, report: Report, source: FileDrop) -> None:
        self._report = report
        self._exact = re.compile(source.pattern)
        self._canonical = _canonical_pattern(source.pattern)

    def read(self, below: str) -> tuple[str | None, Period | None] | None:
        """The unit and the period that a path below the folder says; None for a name that the contract does not know."""
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
            for name in dict.fromkeys((plain, _without_loose_blanks(plain))):
                if (match := self._canonical.fullmatch(name)) is not None:
                    yield match

    def _unit(self, stated: str | None) -> str | None:
        """The unit as the contract writes it: `hz-zk` is HZ-ZK."""
        if stated is None or stated in self._report.units:
            return stated
        return next((unit for unit in self._report.units if unit.casefold() == stated.casefold()), stated)


def place_of(source: FileDrop) -> str:
    """What the places of all files below a folder begin with.

    Named by the connection, not by host and port, which may change under the same drop.
    """
    return f"{source.connection}:/{source.folder.strip('/')}/".replace("://", ":/", 1)


def is_ignored_file(below: str) -> bool:
    """Whether a name is that of an upload under way or of a program's own file, which nobody needs to be told of."""
    return _NO_DOCUMENT.search(below) is not None


def finished_name(below: str) -> str:
    """The name that a file will have once its upload has ended."""
    return _UNFINISHED_END.sub("", below)


def canonical_name(below: str) -> str:
    """A path in one width and composition, without invisible characters; its folders stay what they are."""
    return "/".join(map(_canonical_segment, below.split("/")))


def _canonical_segment(segment: str) -> str:
    if segment.isascii():
        return segment
    visible = "".join(letter for letter in unicodedata.normalize("NFKC", segment) if unicodedata.category(letter) != "Cf")
    # A full-width slash is a letter of the name and makes no folder.
    return visible.replace("/", "／")


def _without_loose_blanks(name: str) -> str:
    return "/".join(_LOOSE_BLANKS.sub(r"\1", segment).strip() for segment in name.split("/"))


def _canonical_pattern(pattern: str) -> re.Pattern[str] | None:
    """The pattern for canonical names; None when its canonical form is no pattern (then only the exact one is used)."""
    try:
        return re.compile("".join(_canonical_tokens(unicodedata.normalize("NFC", pattern))), re.IGNORECASE)
    except re.error:
        return None


def _canonical_tokens(pattern: str) -> Iterator[str]:
    """The pattern letter by letter, each literal in its canonical form: `（` stands for a bracket, not for a group."""
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
    # Several letters are one choice of a class no more, and one backslash escapes one letter only.
    return letter if in_class or is_escaped else f"(?:{re.escape(form)})"
