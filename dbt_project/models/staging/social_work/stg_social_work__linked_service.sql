with source as (

    select * from {{ source('social_work', 'linked_service') }}

),

current_rows as (

    select
        period_month,
        activity_code,
        activity_name,
        station_code,
        held_date,
        has_community,
        has_residents,
        has_social_worker,
        has_organization,
        has_volunteer,
        has_fund,
        volunteer_persons,
        service_persons,
        spent_yuan,
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
