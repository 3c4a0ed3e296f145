select
    projects.enterprise_name,
    projects.enterprise_uscc,
    concat_ws('|', projects.enterprise_name, projects.town_name) as enterprise_key,
    projects.period_quarter as quarter_code,
    projects.period_end as as_of_date,
    lead(projects.period_end) over series as next_as_of_date,
    coalesce(towns.area_code, projects.unit_code) as area_code,
    projects.organization_name,
    named.uscc,
    projects.signed_date,
    projects.agreed_investment_yuan,
    projects.invested_cumulative_yuan,
    projects.area_cumulative_mu,
    projects.invested_cumulative_yuan - coalesce(lag(projects.invested_cumulative_yuan) over series, 0) as invested_yuan,
    projects.area_cumulative_mu - coalesce(lag(projects.area_cumulative_mu) over series, 0) as area_mu,
    projects.crop,
    projects.brand as brand_name,
    projects.household_count,
    projects.submission_id,
    projects.sheet,
    projects.row_number
from {{ ref('stg_civil_affairs__enterprise') }} as projects
left join {{ ref('named_area') }} as towns on projects.town_name = towns.area_name and towns.within_name = ''
left join {{ ref('named_organization') }} as named on projects.organization_name = named.organization_name
window series as (partition by projects.enterprise_name, projects.town_name order by projects.period_end)
