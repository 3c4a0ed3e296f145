with source as (

    select * from {{ source('volunteering', 'service_shift') }}

),

current_rows as (

    select
        shift_code,
        served_date,
        town_code,
        volunteer_code,
        served_hours,
        _unit_code as unit_code,
        _period_start as period_start,
        _period_end as period_end,
        _submission_id as submission_id,
        _sheet as sheet,
        _row as row_number
    from source
    where _superseded_at is null

)

select * from current_rows
