with source as (

    select * from {{ source('charity', 'community_fund') }}

),

current_rows as (

    select
        period_month,
        fund_code,
        fund_name,
        fund_level,
        county_name,
        town_name,
        town_code,
        village_name,
        village_code,
        host_uscc,
        founded_date,
        ended_date,
        raised_yuan,
        raised_cumulative_yuan,
        spent_yuan,
        spent_cumulative_yuan,
        balance_yuan,
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
