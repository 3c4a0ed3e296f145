"""GB18030-2022: replaces private-use characters that Python's codec, built for GB18030-2000, still returns."""

from __future__ import annotations

import re

_TO_TODAY = str.maketrans(
    {
        # punctuation for vertical text: A6D9-A6DF, A6EC, A6ED, A6F3
        0xE78D: 0xFE10,
        0xE78E: 0xFE12,
        0xE78F: 0xFE11,
        0xE790: 0xFE13,
        0xE791: 0xFE14,
        0xE792: 0xFE15,
        0xE793: 0xFE16,
        0xE794: 0xFE17,
        0xE795: 0xFE18,
        0xE796: 0xFE19,
        0xE7C7: 0x1E3F,  # A8BC, ḿ
        0xE816: 0x20087,  # FE51
        0xE817: 0x20089,  # FE52
        0xE818: 0x200CC,  # FE53
        0xE81E: 0x9FB4,  # FE59
        0xE826: 0x9FB5,  # FE61
        0xE82B: 0x9FB6,  # FE66
        0xE82C: 0x9FB7,  # FE67
        0xE831: 0x215D7,  # FE6C
        0xE832: 0x9FB8,  # FE6D
        0xE83B: 0x2298F,  # FE76
        0xE843: 0x9FB9,  # FE7E
        0xE854: 0x9FBA,  # FE90
        0xE855: 0x241FE,  # FE91
        0xE864: 0x9FBB,  # FEA0
    }
)
_OLD = re.compile("[\ue78d-\ue864]")


def modernize(text: str) -> str:
    """Replaces characters that Python decoded from GB18030 (or GBK) by those of the 2022 standard."""
    return text.translate(_TO_TODAY) if _OLD.search(text) else text
