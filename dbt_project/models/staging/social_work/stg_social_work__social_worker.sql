with source as (

    {{ register_entries(source('social_work', 'social_worker'), ['worker_code']) }}

),

entries as (

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
        _row as row_number,
        first_listed_date,
        absent_from_date
    from source

)

select * from entries
