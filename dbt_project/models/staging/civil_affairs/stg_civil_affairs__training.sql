with source as (

    select * from {{ source('civil_affairs', 'training') }}

),

current_rows as (

    select
        period_month,
        training_code,
        training_name,
        held_date,
        host,
        topic_type,
        session_count,
        attendance_persons,
        organization_count,
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
