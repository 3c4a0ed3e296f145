with village_projects as (

    select
        *,
        row_number() over (partition by project_code order by period_end desc nulls last, submission_id desc) as recency
    from {{ ref('stg_civil_affairs__village_project') }}

),

point_sources as (

    select
        *,
        rank() over (partition by point_code order by period_end desc nulls last, submission_id desc) as recency
    from {{ ref('stg_charity__demonstration_point') }}

),

-- A point has one row per source of money; the project has the lineage of the first.
points as (

    select
        *,
        sum(funds_raised_yuan) over (partition by point_code) as all_funds_raised_yuan,
        row_number() over (partition by point_code order by fund_source) as source_number
    from point_sources
    where recency = 1

),

projects as (

    select
        'village_project' as project_kind,
        project_code,
        project_name,
        project_type,
        county_name,
        town_name,
        village_code,
        organization_name,
        funds_raised_yuan,
        goods_value_yuan,
        scale_quantity,
        scale_unit,
        started_date,
        completed_date,
        progress,
        unit_code,
        submission_id,
        sheet,
        row_number
    from village_projects
    where recency = 1

    union all

    select
        'demonstration_point' as project_kind,
        point_code as project_code,
        point_name as project_name,
        '惠民综合服务示范点' as project_type,
        county_name,
        town_name,
        village_code,
        null as organization_name,
        all_funds_raised_yuan as funds_raised_yuan,
        null as goods_value_yuan,
        null as scale_quantity,
        null as scale_unit,
        null as started_date,
        completed_date,
        progress,
        unit_code,
        submission_id,
        sheet,
        row_number
    from points
    where source_number = 1

)

select
    projects.project_kind,
    projects.project_code,
    projects.project_name,
    projects.project_type,
    coalesce(projects.village_code, towns.area_code, projects.unit_code) as area_code,
    coalesce(towns.area_code, left(projects.village_code, 9)) as town_code,
    named.uscc,
    projects.organization_name,
    projects.funds_raised_yuan,
    projects.goods_value_yuan,
    projects.scale_quantity,
    projects.scale_unit,
    projects.started_date,
    projects.completed_date,
    projects.progress,
    projects.progress in ('完工', '投入使用') as is_completed,
    projects.submission_id,
    projects.sheet,
    projects.row_number
from projects
left join {{ ref('named_area') }} as towns
    on projects.town_name = towns.area_name and projects.county_name = towns.within_name
left join {{ ref('named_organization') }} as named on projects.organization_name = named.organization_name
