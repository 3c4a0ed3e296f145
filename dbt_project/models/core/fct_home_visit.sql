select
    visit_code,
    visited_date,
    station_code,
    town_code as area_code,
    worker_code,
    client_code,
    client_id_key,
    mode as visit_mode,
    visit_persons,
    visit_minutes,
    volunteer_persons,
    submission_id,
    sheet,
    row_number
from {{ ref('stg_social_work__home_visit') }}
