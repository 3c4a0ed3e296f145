"""Donors: enterprises, social organizations, people with and without a name, and online platforms."""

from __future__ import annotations

from dataclasses import dataclass

from sample_city.reference.known_organizations import KnownOrganization, known_organizations
from sample_city.reference.people import Rng, draw_names, make_uscc

ORGANIZATION, PLATFORM, PERSON, ANONYMOUS = "社会组织", "互联网", "个人", "匿名"
_KINDS = {
    "企业": (0.22, 8.0),
    ORGANIZATION: (0.04, 5.0),
    PERSON: (0.5, 0.7),
    ANONYMOUS: (0.1, 0.4),
    PLATFORM: (0.12, 3.0),
    "其他": (0.02, 2.0),
}
"""The share of each kind in all donations, and the relative size of a donation."""
_ENTERPRISES = 180
_FIRST_NUMBER = 70_001
_WORDS = ("东江", "鹅城", "西湖", "罗浮", "合生", "金山", "德赛", "华阳", "南旋", "丰达", "宏远", "惠台")
_TRADES = ("电子科技", "实业", "建筑工程", "食品", "房地产开发", "物流", "精密制造", "新能源", "服饰")
_PLATFORMS = ("腾讯公益平台", "支付宝公益平台", "水滴公益平台", "广益联募")
_ORGANIZATIONS = ("private_entrepreneurs", "commerce", "banking")


@dataclass(frozen=True, slots=True)
class Donor:
    """A donor as the receipt names it. `size` is the relative size of its donations."""

    kind: str
    name: str | None
    uscc: str | None
    size: float


def draw_donors(rng: Rng, count: int) -> list[Donor]:
    """Draws one donor per donation."""
    kinds = rng.choice(len(_KINDS), size=count, p=[share for share, _ in _KINDS.values()]).tolist()
    names, picks = draw_names(rng, count), rng.integers(10_000, size=count).tolist()
    named = list(_KINDS)
    return [_donor(named[kind], name, pick) for kind, name, pick in zip(kinds, names, picks, strict=True)]


def organization_donor(organization: KnownOrganization) -> Donor:
    """Returns a social organization as a donor."""
    return Donor(ORGANIZATION, organization.name, organization.uscc, _KINDS[ORGANIZATION][1])


def _donor(kind: str, name: str, pick: int) -> Donor:
    size = _KINDS[kind][1]
    if kind == "企业":
        number = pick % _ENTERPRISES
        company = f"惠州市{_WORDS[number % len(_WORDS)]}{_TRADES[number % len(_TRADES)]}有限公司"
        return Donor(kind, f"{company}（{number // 36 + 1}厂）", make_uscc("91", "441300", _FIRST_NUMBER + number), size)
    if kind == ORGANIZATION:
        return organization_donor(known_organizations()[_ORGANIZATIONS[pick % len(_ORGANIZATIONS)]])
    if kind == PLATFORM:
        return Donor(kind, _PLATFORMS[pick % len(_PLATFORMS)], None, size)
    return Donor(kind, None if kind == ANONYMOUS else name, None, size)
