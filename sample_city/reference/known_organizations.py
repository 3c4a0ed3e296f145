"""The organizations that the city's published account names, with synthetic credit codes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sample_city.reference.people import make_uscc

_FIRST_NUMBER = 90_001


@dataclass(frozen=True, slots=True)
class KnownOrganization:
    """An organization of the published account."""

    uscc: str
    name: str
    kind: str
    founded: dt.date
    industry: str
    is_charity: bool = False


_KNOWN = (
    ("heart_rescue", "51", "社会团体", "惠州市心连心公益救捞队", 2014, "公益慈善类", False),
    ("blue_sky", "51", "社会团体", "惠州市蓝天救援志愿者协会", 2013, "公益慈善类", False),
    ("citizen_partner", "52", "民办非企业单位", "惠州市公民伙伴社工服务中心", 2015, "城乡社区服务类", False),
    ("zhongde", "51", "社会团体", "惠州市种德慈善会", 2010, "公益慈善类", True),
    ("quyi", "51", "社会团体", "惠州市曲艺家协会", 2006, "其他", False),
    ("calligraphy", "51", "社会团体", "惠州市书法家协会", 2003, "其他", False),
    ("hiking", "51", "社会团体", "惠州市登山户外运动协会", 2012, "其他", False),
    ("private_entrepreneurs", "51", "社会团体", "惠州市民营企业家联合会", 2009, "行业协会商会", False),
    ("commerce", "51", "社会团体", "惠州市商业交流合作协会", 2011, "行业协会商会", False),
    ("banking", "51", "社会团体", "惠州市银行业协会", 2005, "行业协会商会", False),
    ("charity_federation", "51", "社会团体", "惠州市慈善总会", 1999, "公益慈善类", True),
)


def known_organizations() -> dict[str, KnownOrganization]:
    """Returns the known organizations by a short key."""
    return {
        key: KnownOrganization(
            make_uscc(prefix, "441300", _FIRST_NUMBER + number), name, kind, dt.date(year, 6, 18), industry, is_charity
        )
        for number, (key, prefix, kind, name, year, industry, is_charity) in enumerate(_KNOWN)
    }
