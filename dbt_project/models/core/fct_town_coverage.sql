with snapshots as (

    select * from {{ ref('stg_civil_affairs__town_coverage') }}

)

select
    town_code as area_code,
    period_quarter as quarter_code,
    period_end as as_of_date,
    lead(period_end) over (partition by town_code order by period_end) as next_as_of_date,
    has_federation,
    federation_name,
    federation_date,
    has_volunteer_association,
    volunteer_association_name,
    volunteer_association_date,
    submission_id,
    sheet,
    row_number
from snapshots
