with source as (

    select * from {{ source('social_work', 'home_visit') }}

),

current_rows as (

    select
        visit_code,
        visited_date,
        station_code,
        town_name,
        town_code,
        worker_code,
        client_code,
        client_id_key,
        client_id_masked,
        visit_persons,
        mode,
        visit_minutes,
        volunteer_persons,
        findings_key,
        findings_masked,
        referral,
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
