-- The divisions are a seed, not a report: their evidence has no submission, and is valid at every date.
select
    'statutory_towns' as indicator_code,
    area_code,
    date '1900-01-01' as event_date,
    null::date as end_date,
    1::numeric as quantity,
    area_code as subject_key,
    null::bigint as submission_id,
    null::text as sheet,
    null::integer as row_number
from {{ ref('dim_area') }}
where area_level = 'town' and is_statutory and is_current
