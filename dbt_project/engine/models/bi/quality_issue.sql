with issues as (

    select * from {{ ref('stg_ops__issue_state') }}

),

titles as (

    select * from {{ ref('stg_ops__rule_title') }}

)

select
    issues.issue_key as issue_code,
    issues.report,
    issues.unit_code,
    areas.area_name as unit_name,
    issues.period_code,
    issues.rule,
    coalesce(titles.title_zh, of_contracts.title_zh, issues.rule) as rule_title_zh,
    coalesce(titles.title_en, of_contracts.title_en, issues.rule) as rule_title_en,
    issues.severity,
    issues.state,
    issues.is_open,
    issues.age_days_count,
    issues.opened_at,
    issues.notified_at,
    issues.fix_by_date,
    issues.corrected_at,
    issues.closed_at,
    issues.owner_role,
    issues.sheet,
    issues.row_number,
    issues.column_name,
    issues.cell,
    case when not issues.is_personal then issues.message_zh end as message_zh,
    case when not issues.is_personal then issues.message_en end as message_en
from issues
left join {{ ref('dim_area') }} as areas on issues.unit_code = areas.area_code
left join titles on issues.rule = titles.rule
-- Rules that contracts declare have names of Great Expectations' and one title for all.
left join titles as of_contracts
    on titles.rule is null and issues.rule like 'expect\_%' and of_contracts.rule = 'contract_rule'
