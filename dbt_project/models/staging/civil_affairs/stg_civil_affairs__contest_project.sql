with source as (

    select * from {{ source('civil_affairs', 'contest_project') }}

),

current_rows as (

    select
        year,
        project_code,
        project_name,
        organization_name,
        uscc,
        is_programme_project,
        result,
        grant_amount_yuan,
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
