select
    measure_code as indicator_code,
    name_zh,
    name_en,
    domain,
    unit,
    scale,
    aggregation,
    stock_or_flow,
    numerator_code,
    denominator_code,
    factor,
    source_report,
    owner as owner_name
from {{ ref('measure') }}
where is_indicator
