"""The totals of the city's three years. Its documents add up to them; other totals make another city."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Facts:
    """Totals over the whole span, in the units of the warehouse (persons, yuan, pieces), unless the name says otherwise."""

    home_visit_persons: int = 287_214
    social_work_points: int = 366
    service_persons: int = 1_817_064
    cases: int = 1_547
    meal_serving_persons: int = 35_128
    meals_delivered: int = 320_460
    rescue_callouts: int = 121
    rescued_persons: int = 4
    recovered_persons: int = 59
    community_funds: int = 54
    community_fund_raised_yuan: int = 18_170_000
    medical_aid_yuan: int = 36_280_000
    medical_aid_persons: int = 5_832
    student_grant_yuan: int = 18_460_000
    student_grant_persons: int = 5_064
    demonstration_points: int = 16
    demonstration_fund_yuan: int = 10_860_000
    charity_carts: int = 98
    training_sessions: int = 48
    training_attendance_persons: int = 2_836
    pairing_organizations: int = 50
    pairing_fund_yuan: int = 12_860_000
    task_force_departments: int = 7
    principal_visits: int = 18
    disabled_trainees: int = 45
    farm_investment_yuan: int = 23_600_000
    reclaimed_area_mu: int = 3_180
    village_centre_yuan: int = 1_450_000
    hiking_loop_km: int = 60
    couplet_pairs: int = 236
    community_organizations: int = 6_316
    hub_organizations: int = 99

    @classmethod
    def parse(cls, text: str) -> Facts:
        """Reads a JSON object with some of the totals; the others keep their defaults.

        Raises:
            ValueError: no JSON object, or a total that the city does not know.
        """
        given = json.loads(text)
        unknown = sorted(set(given) - {field.name for field in dataclasses.fields(cls)})
        if unknown:
            raise ValueError(f"the city knows no facts of these names: {unknown}")
        return cls(**given)
