with source as (

    select * from {{ source('civil_affairs', 'annual_report') }}

),

current_rows as (

    select
        year,
        uscc,
        organization_name,
        check_result,
        net_assets_yuan,
        income_yuan,
        donation_income_yuan,
        expense_yuan,
        staff_persons,
        public_benefit_expense_yuan,
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
