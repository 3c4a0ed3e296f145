with numbered as (

    select
        *,
        row_number() over (partition by brand_name order by period_end desc nulls last, submission_id desc) as recency
    from {{ ref('stg_charity__charity_brand') }}

)

select
    numbered.brand_name,
    numbered.organization_name,
    coalesce(numbered.uscc, named.uscc) as uscc,
    numbered.founded_date,
    numbered.status,
    numbered.spent_cumulative_yuan,
    numbered.beneficiary_cumulative_persons,
    numbered.period_end as as_of_date,
    numbered.unit_code,
    numbered.submission_id,
    numbered.sheet,
    numbered.row_number
from numbered
left join {{ ref('named_organization') }} as named on numbered.organization_name = named.organization_name
where numbered.recency = 1
