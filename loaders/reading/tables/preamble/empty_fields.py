"""Fields of a form that nobody filled in: `（公章）`, `______`, `年  月  日` are no values."""

from __future__ import annotations

import re

from loaders.characters.footnote_marks import nfkc_keeping_marks

_SEALS = re.compile(r"\((?:请?加盖)?(?:单位)?(?:盖章|公章|印章|签章|签字|签名|手印|章)(?:处)?\)")
_LINES = re.compile(r"[_\s.…·—-]*(?:年[_\s]*月[_\s]*日)?[_\s.…·—-]*")


def filled_in(text: str) -> str:
    """What somebody wrote into a field, without the marks for a seal around it; empty when nobody did."""
    written = _SEALS.sub("", nfkc_keeping_marks(text))
    return "" if _LINES.fullmatch(written) else written.strip("_ ")
