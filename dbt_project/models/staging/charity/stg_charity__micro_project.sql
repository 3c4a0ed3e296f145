with source as (

    select * from {{ source('charity', 'micro_project') }}

),

current_rows as (

    select
        period_month,
        micro_code,
        micro_name,
        micro_type,
        town_name,
        village_name,
        village_code,
        fund_code,
        amount_yuan,
        beneficiary_persons,
        approved_date,
        completed_date,
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
