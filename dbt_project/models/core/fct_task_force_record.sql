select
    records.record_code,
    records.record_type,
    records.dept_name as department_name,
    coalesce(towns.area_code, records.unit_code) as area_code,
    coalesce(records.visit_date, records.period_end) as event_date,
    records.leader_post,
    records.topic,
    records.issue_count,
    records.submission_id,
    records.sheet,
    records.row_number
from {{ ref('stg_civil_affairs__task_force') }} as records
left join {{ ref('named_area') }} as towns on records.town_name = towns.area_name and towns.within_name = ''
