select
    measure_code,
    area_code,
    period_code,
    value,
    ytd,
    to_date,
    null::numeric as numerator,
    null::numeric as denominator
from {{ ref('flow_value') }}

union all

select
    measure_code,
    area_code,
    period_code,
    value,
    value as ytd,
    value as to_date,
    null::numeric as numerator,
    null::numeric as denominator
from {{ ref('stock_value') }}

union all

select
    measure_code,
    area_code,
    period_code,
    value,
    ytd,
    to_date,
    numerator,
    denominator
from {{ ref('ratio_value') }}
