select
    indicator_code,
    area_code,
    event_date,
    end_date,
    quantity,
    subject_key,
    submission_id,
    sheet,
    row_number
from {{ ref('evidence_civil_affairs') }}

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
    row_number
from {{ ref('evidence_charity') }}

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
    row_number
from {{ ref('evidence_social_work') }}

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
    row_number
from {{ ref('evidence_area') }}
