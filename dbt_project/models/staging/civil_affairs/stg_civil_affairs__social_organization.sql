with source as (

    {{ register_entries(source('civil_affairs', 'social_organization'), ['uscc']) }}

),

entries as (

    select
        uscc,
        organization_name,
        organization_type,
        founded_date,
        registered_capital_yuan,
        legal_representative_key,
        legal_representative_masked,
        legal_representative_id_key,
        legal_representative_id_masked,
        supervisor_name,
        registrar_name,
        registrar_code,
        address_key,
        address_masked,
        industry,
        is_charity,
        can_fundraise,
        status,
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
