with coverage as (

    select towns.*
    from {{ ref('fct_town_coverage') }} as towns
    inner join {{ ref('dim_area') }} as areas on towns.area_code = areas.area_code
    where areas.is_statutory

)

{{ evidence_row('CA-CS-03', 'coverage',
    event_date='as_of_date', end_date='next_as_of_date', subject_key='area_code', where='has_federation',
    columns=['has_federation', 'town_code']) }}

union all

{{ evidence_row('CA-CS-05', 'coverage',
    event_date='as_of_date', end_date='next_as_of_date', subject_key='area_code', where='has_volunteer_association',
    columns=['has_volunteer_association', 'town_code']) }}
