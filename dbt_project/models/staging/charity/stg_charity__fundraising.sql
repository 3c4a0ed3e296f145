with source as (

    select * from {{ source('charity', 'fundraising') }}

),

current_rows as (

    select
        filing_code,
        uscc,
        campaign_name,
        start_date,
        end_date,
        target_yuan,
        raised_yuan,
        is_joint,
        last_disclosed_date,
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
