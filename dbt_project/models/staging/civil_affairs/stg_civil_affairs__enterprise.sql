with source as (

    select * from {{ source('civil_affairs', 'enterprise') }}

),

current_rows as (

    select
        period_quarter,
        town_name,
        village_name,
        organization_name,
        enterprise_name,
        enterprise_uscc,
        signed_date,
        agreed_investment_yuan,
        invested_cumulative_yuan,
        area_cumulative_mu,
        crop,
        brand,
        household_count,
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
