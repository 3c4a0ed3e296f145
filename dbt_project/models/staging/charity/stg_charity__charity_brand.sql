with source as (

    select * from {{ source('charity', 'charity_brand') }}

),

current_rows as (

    select
        period_quarter,
        brand_name,
        organization_name,
        uscc,
        founded_date,
        spent_yuan,
        spent_cumulative_yuan,
        beneficiary_cumulative_persons,
        status,
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
