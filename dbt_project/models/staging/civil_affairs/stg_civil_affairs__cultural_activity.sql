with source as (

    select * from {{ source('civil_affairs', 'cultural_activity') }}

),

current_rows as (

    select
        period_month,
        activity_code,
        activity_name,
        activity_type,
        held_date,
        organization_name,
        town_name,
        town_code,
        village_name,
        session_count,
        attendance_persons,
        couplet_pairs,
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
