with source as (

    select * from {{ source('social_work', 'meal_service') }}

),

current_rows as (

    select
        period_month,
        county_name,
        town_name,
        village_name,
        meal_point_code,
        meal_point,
        organization_name,
        elder_persons,
        serving_persons,
        meal_delivered_count,
        meal_subsidized_count,
        volunteer_persons,
        subsidy_yuan,
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
