with source as (

    select * from {{ source('civil_affairs', 'skills_trainee') }}

),

current_rows as (

    select
        batch_code,
        town_name,
        town_code,
        person_name_key,
        person_name_masked,
        resident_id_key,
        resident_id_masked,
        is_disabled,
        disability_type,
        disability_level,
        phone_key,
        phone_masked,
        course,
        provider,
        start_date,
        end_date,
        is_employed,
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
