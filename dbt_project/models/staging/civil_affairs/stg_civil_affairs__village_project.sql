with source as (

    select * from {{ source('civil_affairs', 'village_project') }}

),

current_rows as (

    select
        period_month,
        project_code,
        project_name,
        project_type,
        county_name,
        town_name,
        village_name,
        village_code,
        organization_name,
        funds_raised_yuan,
        goods_value_yuan,
        scale_quantity,
        scale_unit,
        started_date,
        completed_date,
        progress,
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
