with source as (

    select * from {{ source('elderly_care', 'canteen_quarter') }}

),

current_rows as (

    select
        period_quarter,
        canteen_code,
        meal_persons,
        subsidy_yuan,
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
