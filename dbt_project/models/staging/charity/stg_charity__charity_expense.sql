with source as (

    select * from {{ source('charity', 'charity_expense') }}

),

current_rows as (

    select
        period_month,
        expense_code,
        project_code,
        project_name,
        expense_type,
        paid_date,
        amount_yuan,
        beneficiary_persons,
        area_name,
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
