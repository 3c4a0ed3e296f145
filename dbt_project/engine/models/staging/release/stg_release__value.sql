{{ config(tags=['ledger']) }}

select
    release_number,
    indicator_code,
    area_code,
    period_code,
    value,
    ytd,
    to_date,
    numerator,
    denominator,
    lead(release_number) over (
        partition by indicator_code, area_code, period_code
        order by release_number
    ) as next_release_number
from {{ source('release', 'value') }}
