with source as (

    select * from {{ source('social_work', 'station_service') }}

),

current_rows as (

    select
        period_month,
        county_name,
        town_name,
        station_code,
        station_name,
        client_persons,
        visit_persons,
        case_opened_count,
        case_active_count,
        case_closed_count,
        group_session_count,
        group_persons,
        community_event_count,
        community_persons,
        consult_persons,
        policy_persons,
        volunteer_persons,
        resources_value_yuan,
        service_persons,
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
