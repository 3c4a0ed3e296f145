"""Column cleaning: `clean_text` for whole Arrow columns. Only texts that it changes are processed one by one."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from loaders.characters.cleaning import BLANKS, BREAKS, EDGES, INVISIBLE, clean_text, escaped

_UNCLEAN = rf"[{escaped(INVISIBLE + BREAKS + BLANKS)}]|\A[{escaped(EDGES)}=＝]|[{escaped(EDGES)}]\z"  # what `clean_text` changes


def clean_column(texts: pa.Array) -> pa.Array:
    """Removes invisible characters and outer blanks from a column. Texts without visible characters become null."""
    unclean = pc.fill_null(pc.match_substring_regex(texts, _UNCLEAN), False)
    if not pc.any(unclean).as_py():
        return texts
    values = [clean_text(text) or None for text in texts.filter(unclean).to_pylist()]
    return pc.replace_with_mask(texts, unclean, pa.array(values, pa.string()))
