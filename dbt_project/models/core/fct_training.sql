select
    'capacity' as training_kind,
    sessions.training_code,
    sessions.topic_type as topic,
    sessions.held_date,
    sessions.host as host_name,
    named.uscc as host_uscc,
    sessions.unit_code as area_code,
    sessions.session_count,
    sessions.attendance_persons,
    null as trainee_key,
    null::boolean as is_disabled,
    sessions.submission_id,
    sessions.sheet,
    sessions.row_number
from {{ ref('stg_civil_affairs__training') }} as sessions
left join {{ ref('named_organization') }} as named on sessions.host = named.organization_name

union all

select
    'skills' as training_kind,
    trainees.batch_code as training_code,
    trainees.course as topic,
    trainees.start_date as held_date,
    trainees.provider as host_name,
    named.uscc as host_uscc,
    coalesce(towns.area_code, trainees.unit_code) as area_code,
    null::bigint as session_count,
    1::bigint as attendance_persons,
    trainees.resident_id_key as trainee_key,
    trainees.is_disabled,
    trainees.submission_id,
    trainees.sheet,
    trainees.row_number
from {{ ref('stg_civil_affairs__skills_trainee') }} as trainees
left join {{ ref('named_organization') }} as named on trainees.provider = named.organization_name
left join {{ ref('named_area') }} as towns on trainees.town_name = towns.area_name and towns.within_name = ''
