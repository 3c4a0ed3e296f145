select
    indicator_code,
    area_code,
    period_code,
    value,
    ytd,
    to_date,
    numerator,
    denominator,
    since_build,
    null::bigint as until_build
from {{ ref('indicator_area_period') }}

union all

select
    indicator_code,
    area_code,
    period_code,
    value,
    ytd,
    to_date,
    numerator,
    denominator,
    since_build,
    until_build
from {{ ref('superseded_value') }}
