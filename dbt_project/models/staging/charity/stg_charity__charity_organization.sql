with source as (

    {{ register_entries(source('charity', 'charity_organization'), ['uscc']) }}

),

entries as (

    select
        uscc,
        organization_name,
        charity_date,
        fundraising_certificate_code,
        fundraising_date,
        registrar,
        has_tax_deduction,
        status,
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
