select
    activities.activity_code,
    activities.held_date,
    activities.station_code,
    coalesce(stations.area_code, activities.unit_code) as area_code,
    coalesce(stations.town_code, activities.unit_code) as town_code,
    activities.has_community,
    activities.has_residents,
    activities.has_social_worker,
    activities.has_organization,
    activities.has_volunteer,
    activities.has_fund,
    activities.has_community and activities.has_residents and activities.has_social_worker
    and activities.has_organization and activities.has_volunteer and activities.has_fund as has_all_six,
    activities.volunteer_persons,
    activities.service_persons,
    activities.spent_yuan,
    activities.submission_id,
    activities.sheet,
    activities.row_number
from {{ ref('stg_social_work__linked_service') }} as activities
left join {{ ref('dim_station') }} as stations on activities.station_code = stations.station_code
