with dictionary as (

    select
        indicator_code as measure_code,
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
        sensitivity,
        true as is_indicator
    from {{ ref('indicators') }}

    union all

    select
        measure_code,
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
        sensitivity,
        false as is_indicator
    from {{ ref('measures') }}

)

select
    measure_code,
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
