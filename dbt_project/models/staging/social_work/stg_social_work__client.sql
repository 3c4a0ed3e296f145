with source as (

    {{ register_entries(source('social_work', 'client'), ['client_code']) }}

),

entries as (

    select
        client_code,
        person_name_key,
        person_name_masked,
        resident_id_key,
        resident_id_masked,
        sex,
        birth_date,
        client_type_key,
        client_type_masked,
        is_under_14,
        health_key,
        health_masked,
        risk_level,
        visit_freq,
        county_name,
        town_name,
        village_name,
        village_code,
        address_key,
        address_masked,
        phone_key,
        phone_masked,
        guardian_key,
        guardian_masked,
        worker_code,
        station_code,
        opened_date,
        closed_date,
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
