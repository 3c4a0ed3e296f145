with coverage as (

    select towns.*
    from {{ ref('fct_town_coverage') }} as towns
    inner join {{ ref('dim_area') }} as areas on towns.area_code = areas.area_code
    where areas.is_statutory

)

select
    'CA-CS-03' as indicator_code,
    area_code,
    as_of_date as event_date,
    next_as_of_date as end_date,
    1::numeric as quantity,
    area_code as subject_key,
    submission_id,
    sheet,
    row_number
from coverage
where has_federation

union all

select
    'CA-CS-05' as indicator_code,
    area_code,
    as_of_date as event_date,
    next_as_of_date as end_date,
    1::numeric as quantity,
    area_code as subject_key,
    submission_id,
    sheet,
    row_number
from coverage
where has_volunteer_association
