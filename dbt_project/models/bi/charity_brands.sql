-- Donations and expenses name projects; a project belongs to the brand whose name is part of the project's name.
with projects as (

    select distinct
        brands.brand_name,
        expenses.project_code
    from {{ ref('dim_brand') }} as brands
    inner join {{ ref('fct_expense') }} as expenses on strpos(expenses.project_name, brands.brand_name) > 0

),

raised as (

    select
        projects.brand_name,
        sum(donations.amount_yuan) as raised_yuan
    from projects
    inner join {{ ref('fct_donation') }} as donations on projects.project_code = donations.project_code
    group by projects.brand_name

),

paid as (

    select
        brand_name,
        sum(amount_yuan) as paid_yuan,
        count(distinct person_key) as persons
    from {{ ref('fct_payment') }}
    where paid_date is not null
    group by brand_name

),

active_months as (

    select
        brand_name,
        date_trunc('month', paid_date) as month_date
    from {{ ref('fct_payment') }}
    where paid_date is not null

    union

    select
        projects.brand_name,
        date_trunc('month', expenses.paid_date) as month_date
    from projects
    inner join {{ ref('fct_expense') }} as expenses on projects.project_code = expenses.project_code

),

activity as (

    select
        brand_name,
        count(*) as active_months_count,
        min(month_date)::date as first_active_month_date,
        max(month_date)::date as last_active_month_date
    from active_months
    group by brand_name

),

campaigns as (

    select
        brands.brand_name,
        count(*) as campaigns_count,
        sum(filings.raised_yuan) as campaign_raised_yuan
    from {{ ref('dim_brand') }} as brands
    inner join {{ ref('stg_charity__fundraising') }} as filings on strpos(filings.campaign_name, brands.brand_name) > 0
    group by brands.brand_name

),

fundraisers as (

    select distinct uscc
    from {{ ref('stg_charity__charity_organization') }}
    where status = '正常' and absent_from_date is null and fundraising_certificate_code is not null

),

brands as (

    select
        brands.*,
        fundraisers.uscc is not null as can_organization_fundraise,
        campaigns.campaigns_count,
        campaigns.campaign_raised_yuan,
        raised.raised_yuan,
        paid.paid_yuan,
        -- Counted from the list of payments; without one, as the brand reports it.
        coalesce(paid.persons, brands.beneficiary_cumulative_persons) as persons,
        coalesce(paid.paid_yuan, brands.spent_cumulative_yuan) as persons_yuan,
        case when paid.persons is null then 'report' else 'list' end as persons_source,
        activity.active_months_count,
        activity.first_active_month_date,
        activity.last_active_month_date
    from {{ ref('dim_brand') }} as brands
    left join raised on brands.brand_name = raised.brand_name
    left join paid on brands.brand_name = paid.brand_name
    left join activity on brands.brand_name = activity.brand_name
    left join campaigns on brands.brand_name = campaigns.brand_name
    left join fundraisers on brands.uscc = fundraisers.uscc
    where brands.brand_name <> '其他'

)

select
    brand_name,
    uscc as organization_code,
    organization_name,
    can_organization_fundraise,
    founded_date,
    status,
    as_of_date,
    coalesce(raised_yuan, 0)::numeric(18, 2) as raised_yuan,
    coalesce(campaigns_count, 0) as campaigns_count,
    coalesce(campaign_raised_yuan, 0)::numeric(18, 2) as campaign_raised_yuan,
    spent_cumulative_yuan::numeric(18, 2) as spent_yuan,
    coalesce(paid_yuan, 0)::numeric(18, 2) as paid_yuan,
    -- Persons in the lists are those of sensitive indicators, and no audit covers them by brand. What the brand states is its own
    -- number, of persons of whom nothing is known here.
    case when persons_source = 'report' and (persons = 0 or persons >= 5) then persons end::bigint as helped_persons,
    persons_source,
    -- A cost per person would disclose the number of persons.
    case
        when persons_source = 'report' and persons >= 5 then (persons_yuan / persons)::numeric(18, 2)
    end as cost_per_person_yuan,
    coalesce(active_months_count, 0) as active_months_count,
    first_active_month_date,
    last_active_month_date
from brands
