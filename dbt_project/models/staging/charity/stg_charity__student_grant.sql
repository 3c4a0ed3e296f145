with source as (

    select * from {{ source('charity', 'student_grant') }}

),

current_rows as (

    select
        year,
        grant_code,
        student_name_key,
        student_name_masked,
        resident_id_key,
        resident_id_masked,
        guardian_key,
        guardian_masked,
        county_name,
        town_name,
        hardship_type,
        university_key,
        university_masked,
        enrolment_year,
        level,
        amount_yuan,
        paid_date,
        bank_account_key,
        bank_account_masked,
        brand,
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
