select
    'SW-ST-01' as indicator_code,
    area_code,
    opened_date as event_date,
    closed_date as end_date,
    1::numeric as quantity,
    station_code as subject_key,
    submission_id,
    sheet,
    row_number
from {{ ref('dim_station') }}

union all

select
    'SW-HV-01' as indicator_code,
    area_code,
    visited_date as event_date,
    null::date as end_date,
    visit_persons::numeric as quantity,
    visit_code as subject_key,
    submission_id,
    sheet,
    row_number
from {{ ref('fct_home_visit') }}
where visit_mode = '入户'
