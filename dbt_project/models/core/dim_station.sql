select
    station_code,
    station_name,
    station_type,
    parent_station_code,
    town_code,
    village_code,
    coalesce(village_code, town_code) as area_code,
    villages_covered_count,
    opened_date,
    coalesce(closed_date, absent_from_date) as closed_date,
    worker_persons,
    submission_id,
    sheet,
    row_number
from {{ ref('stg_social_work__station') }}
