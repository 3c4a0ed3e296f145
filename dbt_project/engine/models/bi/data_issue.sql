select
    issues.report,
    issues.unit_code,
    areas.area_name as unit_name,
    issues.period_code,
    issues.rule,
    issues.severity,
    count(*) as issues_count,
    count(*) filter (
        where not issues.is_resolved and submissions.state not in ('superseded', 'withdrawn')
    ) as open_issues_count,
    count(distinct issues.submission_id) as documents_count
from {{ ref('stg_ops__issue') }} as issues
inner join {{ ref('stg_ops__submission') }} as submissions on issues.submission_id = submissions.submission_id
left join {{ ref('dim_area') }} as areas on issues.unit_code = areas.area_code
group by issues.report, issues.unit_code, areas.area_name, issues.period_code, issues.rule, issues.severity
