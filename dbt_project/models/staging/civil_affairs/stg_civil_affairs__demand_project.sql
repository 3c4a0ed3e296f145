with source as (

    {{ register_entries(source('civil_affairs', 'demand_project'), ['demand_code']) }}

),

entries as (

    select
        demand_code,
        requester,
        county_name,
        town_name,
        village_name,
        village_code,
        demand_type,
        project_name,
        content,
        fund_needed_yuan,
        registered_date,
        matched_organization_name,
        matched_uscc,
        match_status,
        matched_date,
        completed_date,
        fund_secured_yuan,
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
