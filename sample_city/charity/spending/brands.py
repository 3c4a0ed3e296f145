"""The charity brands in the city's published account, and the other projects in the federation's ledgers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sample_city.reference.known_organizations import KnownOrganization, known_organizations


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand with its project code, and its spending and beneficiaries before 2021."""

    project_code: str
    name: str
    organization: KnownOrganization
    founded: dt.date
    earlier_yuan: int
    earlier_persons: int


_FEDERATION, _ZHONGDE = (known_organizations()[key] for key in ("charity_federation", "zhongde"))
STUDENTS, PATIENTS, HEARING, HEARTS, THALASSAEMIA, AUTISM, EYES = (
    Brand("HZCS-01", "助学圆梦", _FEDERATION, dt.date(2012, 8, 1), 9_600_000, 2_900),
    Brand("HZCS-02", "大病医疗救助", _FEDERATION, dt.date(2010, 3, 5), 21_400_000, 4_120),
    Brand("HZCS-03", "耳聪工程", _FEDERATION, dt.date(2015, 3, 3), 2_300_000, 160),
    Brand("HZCS-04", "大爱救心", _FEDERATION, dt.date(2014, 6, 1), 4_100_000, 380),
    Brand("HZCS-05", "关爱地贫项目", _FEDERATION, dt.date(2016, 5, 8), 1_900_000, 210),
    Brand("HZCS-06", "关爱孤独症", _ZHONGDE, dt.date(2018, 4, 2), 640_000, 150),
    Brand("HZCS-07", "热血铸军魂·爱眼助从戎", _FEDERATION, dt.date(2022, 3, 1), 0, 0),
)
BRANDS = (STUDENTS, PATIENTS, HEARING, HEARTS, THALASSAEMIA, AUTISM, EYES)
OTHER_AID, ADMINISTRATION = ("HZCS-08", "其他医疗救助"), ("HZCS-00", "日常运行管理")
CARTS_CODE, RAILINGS_CODE, GOODS_CODE = "HZCS-11", "HZCS-12", "HZCS-13"
FEDERATION_USCC = _FEDERATION.uscc
RECEIVERS = {brand.project_code: brand.organization.uscc for brand in BRANDS}
"""The receiving charity per project. The federation receives donations for all others."""
