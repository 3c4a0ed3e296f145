with source as (

    select * from {{ source('civil_affairs', 'pairing_input') }}

),

current_rows as (

    select
        period_month,
        input_code,
        uscc,
        organization_name,
        village_name,
        village_code,
        project_name,
        input_type,
        fund_source,
        amount_yuan,
        occurred_date,
        is_duplicated_in_charity,
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
