with source as (

    select * from {{ source('civil_affairs', 'task_force') }}

),

current_rows as (

    select
        period_month,
        record_code,
        record_type,
        dept_name,
        town_name,
        visit_date,
        leader_post,
        topic,
        issue_count,
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
