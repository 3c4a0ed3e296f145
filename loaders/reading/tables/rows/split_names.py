"""Names that run over two rows: where the first holds the name of a place alone."""

from __future__ import annotations

import re

# 武汉市, above 第七医院
_PLACE = re.compile(r".{1,10}(?:省|市|区|县|旗|州|镇|乡|街道|新区|开发区)")


def is_start_of_name(text: str, following: str) -> bool:
    """Whether a text is the beginning of a name that the text below it ends: a place, above what is none."""
    return _PLACE.fullmatch(text) is not None and _PLACE.fullmatch(following) is None
