with source as (

    select * from {{ source('charity', 'medical_aid') }}

),

current_rows as (

    select
        period_month,
        aid_code,
        person_name_key,
        person_name_masked,
        resident_id_key,
        resident_id_masked,
        birth_date,
        county_name,
        town_name,
        village_name,
        client_type,
        disease_key,
        disease_masked,
        hospital_key,
        hospital_masked,
        self_paid_yuan,
        amount_yuan,
        approved_date,
        paid_date,
        bank_key,
        bank_masked,
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
