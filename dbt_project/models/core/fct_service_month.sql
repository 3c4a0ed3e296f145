select
    services.station_code,
    services.period_month as month_code,
    services.period_end as month_end_date,
    coalesce(stations.area_code, services.unit_code) as area_code,
    coalesce(stations.town_code, services.unit_code) as town_code,
    services.client_persons,
    services.visit_persons,
    services.case_opened_count,
    services.case_active_count,
    services.case_closed_count,
    services.group_session_count,
    services.community_event_count,
    services.volunteer_persons,
    services.resources_value_yuan,
    services.service_persons,
    services.submission_id,
    services.sheet,
    services.row_number
from {{ ref('stg_social_work__station_service') }} as services
left join {{ ref('dim_station') }} as stations on services.station_code = stations.station_code
