select
    indicator_code,
    area_code,
    event_date,
    end_date,
    quantity,
    subject_key,
    submission_id,
    sheet,
    row_number,
    since_build,
    null::bigint as until_build
from {{ ref('evidence') }}

union all

select
    indicator_code,
    area_code,
    event_date,
    end_date,
    quantity,
    subject_key,
    submission_id,
    sheet,
    row_number,
    since_build,
    until_build
from {{ ref('superseded_evidence') }}
