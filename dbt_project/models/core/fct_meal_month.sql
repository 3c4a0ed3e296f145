select
    meals.meal_point_code,
    meals.period_month as month_code,
    meals.period_end as month_end_date,
    coalesce(towns.area_code, meals.unit_code) as area_code,
    named.uscc,
    meals.organization_name,
    meals.elder_persons,
    meals.serving_persons,
    meals.meal_delivered_count,
    meals.subsidy_yuan,
    meals.submission_id,
    meals.sheet,
    meals.row_number
from {{ ref('stg_social_work__meal_service') }} as meals
left join {{ ref('named_area') }} as towns on meals.town_name = towns.area_name and meals.county_name = towns.within_name
left join {{ ref('named_organization') }} as named on meals.organization_name = named.organization_name
