with source as (

    select * from {{ source('elderly_care', 'canteen') }}

),

current_rows as (

    select
        canteen_code,
        canteen_name,
        town_code,
        opened_date,
        closed_date,
        seat_count,
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
