with source as (

    {{ register_entries(source('civil_affairs', 'pairing'), ['uscc', 'village_code']) }}

),

entries as (

    select
        period_month,
        uscc,
        organization_name,
        village_name,
        village_code,
        town_name,
        county_name,
        paired_date,
        ended_date,
        status,
        agreement_code,
        contact_name_key,
        contact_name_masked,
        contact_phone_key,
        contact_phone_masked,
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
