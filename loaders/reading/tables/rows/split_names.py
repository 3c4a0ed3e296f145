"""Split names: names that span two rows, with only the name of a place in the first row."""

from __future__ import annotations

import re

# `武汉市`, above `第七医院`
_PLACE = re.compile(r".{1,10}(?:省|市|区|县|旗|州|镇|乡|街道|新区|开发区)")


def is_start_of_name(text: str, following: str) -> bool:
    """Checks whether a text is the start of a name that the text below completes: a place above a text that is none."""
    return _PLACE.fullmatch(text) is not None and _PLACE.fullmatch(following) is None
