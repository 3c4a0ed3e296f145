with source as (

    select * from {{ source('charity', 'demonstration_point') }}

),

current_rows as (

    select
        period_month,
        point_code,
        point_name,
        county_name,
        town_name,
        village_name,
        village_code,
        build_year,
        fund_source,
        funds_raised_yuan,
        spent_cumulative_yuan,
        functions,
        progress,
        completed_date,
        sandwich_served_persons,
        remark,
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
