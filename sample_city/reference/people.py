"""Invented people: names, and synthetic numbers that pass the checks."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Sequence

import numpy as np

from loaders.identifiers import organization_code_check_digit, uscc_check_digit

_SURNAMES = "陈李黄张林刘王吴梁罗杨邓叶曾钟何朱谢邱赖胡郑周徐彭曹卢温廖严"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建文志国海燕惠东江山春生金凤耀光永康家荣思慧子轩雨晴"
_REGIONS = ("441302", "441303", "441322", "441323", "441324")
_RESIDENT_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_RESIDENT_CHECK = "10X98765432"
_MOBILE_PREFIXES = ("134", "135", "136", "137", "138", "139", "150", "158", "159", "180", "186", "189")

Rng = np.random.Generator


def stream(seed: int, *names: str) -> Rng:
    """Returns the random stream of these names. Each generator has its own, so that its draws never change another's."""
    return np.random.default_rng([seed, *(zlib.crc32(name.encode()) for name in names)])


def draw_names(rng: Rng, count: int) -> list[str]:
    """Draws Chinese names of two or three characters."""
    surnames = rng.integers(len(_SURNAMES), size=count)
    given = rng.integers(len(_GIVEN), size=(count, 2))
    lengths = rng.integers(1, 3, size=count)
    return [
        _SURNAMES[s] + "".join(_GIVEN[g] for g in pair[:length]) for s, pair, length in zip(surnames, given, lengths, strict=True)
    ]


def draw_mobiles(rng: Rng, count: int) -> list[str]:
    """Draws mobile numbers of eleven digits."""
    prefixes = rng.integers(len(_MOBILE_PREFIXES), size=count)
    tails = rng.integers(10**8, size=count)
    return [f"{_MOBILE_PREFIXES[p]}{tail:08d}" for p, tail in zip(prefixes, tails, strict=True)]


def draw_resident_ids(rng: Rng, count: int, born: tuple[int, int]) -> list[str]:
    """Draws resident identity numbers (GB 11643) of Huizhou's counties, born in the first year or later, before the second."""
    first = dt.date(born[0], 1, 1).toordinal()
    births = rng.integers(first, dt.date(born[1], 1, 1).toordinal(), size=count)
    regions = rng.integers(len(_REGIONS), size=count)
    orders = rng.integers(1, 1000, size=count)
    bodies = [
        f"{_REGIONS[region]}{dt.date.fromordinal(birth):%Y%m%d}{order:03d}"
        for region, birth, order in zip(regions.tolist(), births.tolist(), orders.tolist(), strict=True)
    ]
    return [body + check for body, check in zip(bodies, _resident_checks(bodies), strict=True)]


def _resident_checks(bodies: Sequence[str]) -> list[str]:
    digits = np.frombuffer("".join(bodies).encode(), dtype=np.uint8).reshape(-1, 17).astype(np.int64) - 48
    return [_RESIDENT_CHECK[rest] for rest in (digits @ _RESIDENT_WEIGHTS % 11).tolist()]


def make_uscc(prefix: str, region: str, number: int) -> str:
    """Makes a unified social credit code from an organization code of series MJK."""
    body = f"MJK{number:05d}"
    first17 = f"{prefix}{region}{body}{organization_code_check_digit(body)}"
    return first17 + uscc_check_digit(first17)


def corrupt_check_digit(number: str) -> str:
    """Replaces the check character of a number with a wrong one."""
    return number[:-1] + ("3" if number[-1] != "3" else "7")
