with source as (

    select * from {{ source('social_work', 'social_worker') }}

),

current_rows as (

    select
        period_month,
        worker_code,
        person_name_key,
        person_name_masked,
        resident_id_key,
        resident_id_masked,
        station_code,
        post,
        qualification,
        hired_date,
        left_date,
        phone_key,
        phone_masked,
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
