with contributions as (

    select
        uscc,
        sum(quantity) as amount_yuan
    from {{ ref('fct_participation') }}
    where participation_kind in ('pairing_funds', 'pairing_goods', 'donation', 'goods')
    group by uscc

),

works as (

    select
        uscc,
        count(distinct participation_kind || subject_key) as works_count
    from {{ ref('fct_participation') }}
    group by uscc

),

annual_reports as (

    select
        *,
        row_number() over (partition by uscc order by year desc, submission_id desc) as recency
    from {{ ref('stg_civil_affairs__annual_report') }}

),

grades as (

    select
        *,
        row_number() over (partition by uscc order by year_number desc) as recency
    from {{ ref('fct_grade') }}

)

select
    organizations.uscc,
    organizations.organization_name,
    organizations.industry,
    organizations.area_code,
    organizations.status = '正常' and organizations.absent_from_date is null
    and coalesce(annual_reports.check_result <> '不合格', true) as is_in_good_standing,
    coalesce(works.works_count, 0) as works_count,
    grades.grade,
    coalesce(grades.grade_number, 0) as grade_number,
    greatest(organizations.registered_capital_yuan, annual_reports.net_assets_yuan, contributions.amount_yuan, 0)
        as resources_yuan
from {{ ref('dim_organization') }} as organizations
left join works on organizations.uscc = works.uscc
left join contributions on organizations.uscc = contributions.uscc
left join annual_reports on organizations.uscc = annual_reports.uscc and annual_reports.recency = 1
left join grades on organizations.uscc = grades.uscc and grades.recency = 1
