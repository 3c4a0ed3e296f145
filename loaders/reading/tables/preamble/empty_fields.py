"""Empty fields of a form: `（公章）`, `______`, `年  月  日` are no values."""

from __future__ import annotations

import re

from loaders.characters.footnote_marks import nfkc_keeping_marks

# `(公章)`, `(请加盖公章)`
_SEALS = re.compile(r"\((?:请?加盖)?(?:单位)?(?:盖章|公章|印章|签章|签字|签名|手印|章)(?:处)?\)")
# `______`, `年  月  日`
_LINES = re.compile(r"[_\s.…·—-]*(?:年[_\s]*月[_\s]*日)?[_\s.…·—-]*")


def filled_in(text: str) -> str:
    """Returns the text that was filled in, without the placeholder of a seal; empty if the field was not filled in."""
    content = _SEALS.sub("", nfkc_keeping_marks(text))
    return "" if _LINES.fullmatch(content) else content.strip("_ ")
