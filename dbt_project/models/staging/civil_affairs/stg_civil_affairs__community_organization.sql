with source as (

    {{ register_entries(source('civil_affairs', 'community_organization'), ['town_code', 'organization_name']) }}

),

entries as (

    select
        period_quarter,
        county_name,
        town_name,
        town_code,
        village_name,
        village_code,
        organization_name,
        registration_mode,
        uscc,
        filing_code,
        organization_category,
        is_hub,
        is_wedding_council,
        founded_date,
        ended_date,
        member_persons,
        leader_key,
        leader_masked,
        leader_phone_key,
        leader_phone_masked,
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
