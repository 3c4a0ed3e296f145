select
    towns.area_code as town_code,
    areas.area_name as town_name,
    areas.parent_code as county_code,
    areas.zone_code,
    towns.quarter_code as period_code,
    towns.as_of_date,
    towns.has_federation,
    towns.federation_name,
    towns.federation_date,
    towns.has_volunteer_association,
    towns.volunteer_association_name,
    towns.volunteer_association_date,
    towns.has_federation and towns.has_volunteer_association as has_both,
    towns.next_as_of_date is null as is_latest
from {{ ref('fct_town_coverage') }} as towns
inner join {{ ref('dim_area') }} as areas on towns.area_code = areas.area_code
where areas.is_statutory
