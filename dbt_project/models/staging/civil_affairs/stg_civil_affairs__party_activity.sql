with source as (

    select * from {{ source('civil_affairs', 'party_activity') }}

),

current_rows as (

    select
        period_month,
        activity_code,
        activity_date,
        activity_type,
        host_party_organization,
        organization_name,
        uscc,
        partner_village_name,
        partner_village_code,
        party_attendance_persons,
        checklist_item,
        issue_solved_count,
        publicity_channel,
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
