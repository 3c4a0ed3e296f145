with dictionary as (

    select
        *,
        true as is_indicator
    from {{ ref('indicators') }}

    union all

    select
        *,
        false as is_indicator
    from {{ ref('measures') }}

)

select
    code as measure_code,
    name_zh,
    name_en,
    domain,
    unit,
    aggregation,
    stock_or_flow,
    scale,
    numerator_code,
    denominator_code,
    factor,
    source_report,
    owner,
    aggregation = 'ratio' as is_ratio,
    sensitivity is not null as is_sensitive,
    stock_or_flow = 'stock' as is_stock,
    is_indicator
from dictionary
