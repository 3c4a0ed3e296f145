with source as (

    select * from {{ source('civil_affairs', 'party_return') }}

),

current_rows as (

    select
        period_quarter,
        organization_name,
        uscc,
        organization_type,
        certificate_code,
        legal_rep_key,
        legal_rep_masked,
        legal_rep_politics,
        has_party_organization,
        party_founded_date,
        party_organization_name,
        party_form,
        party_build_type,
        party_affiliation,
        party_leader_key,
        party_leader_masked,
        party_leader_phone_key,
        party_leader_phone_masked,
        no_party_reason,
        instructor_key,
        instructor_masked,
        party_member_persons,
        fulltime_member_persons,
        parttime_member_persons,
        new_member_persons,
        mass_organizations,
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
