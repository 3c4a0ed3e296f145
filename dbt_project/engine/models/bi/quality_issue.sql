select
    issues.issue_key,
    issues.report,
    issues.unit_code,
    areas.area_name as unit_name,
    issues.period_code,
    issues.rule,
    issues.severity,
    issues.state,
    issues.is_open,
    issues.age_days_count,
    issues.opened_at,
    issues.notified_at,
    issues.corrected_at,
    issues.closed_at,
    issues.owner_role,
    issues.sheet,
    issues.row_number,
    issues.column_name,
    issues.cell,
    case when not issues.is_personal then issues.message_zh end as message_zh,
    case when not issues.is_personal then issues.message_en end as message_en
from {{ ref('stg_ops__issue_state') }} as issues
left join {{ ref('dim_area') }} as areas on issues.unit_code = areas.area_code
