select
    'party' as activity_kind,
    activities.activity_code,
    activities.activity_type,
    activities.checklist_item as activity_name,
    activities.activity_date as held_date,
    coalesce(activities.uscc, named.uscc) as uscc,
    coalesce(activities.partner_village_code, activities.unit_code) as area_code,
    1::bigint as session_count,
    activities.party_attendance_persons as attendance_persons,
    null::bigint as couplet_pairs,
    activities.submission_id,
    activities.sheet,
    activities.row_number
from {{ ref('stg_civil_affairs__party_activity') }} as activities
left join {{ ref('named_organization') }} as named on activities.organization_name = named.organization_name

union all

select
    'culture' as activity_kind,
    activities.activity_code,
    activities.activity_type,
    activities.activity_name,
    activities.held_date,
    named.uscc,
    activities.town_code as area_code,
    activities.session_count,
    activities.attendance_persons,
    activities.couplet_pairs,
    activities.submission_id,
    activities.sheet,
    activities.row_number
from {{ ref('stg_civil_affairs__cultural_activity') }} as activities
left join {{ ref('named_organization') }} as named on activities.organization_name = named.organization_name
