with source as (

    select * from {{ source('social_work', 'rescue') }}

),

current_rows as (

    select
        callout_code,
        organization_name,
        called_at,
        place,
        county_name,
        event_type,
        responder_persons,
        callout_count,
        rescued_persons,
        recovered_persons,
        is_free,
        is_minor_involved,
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
