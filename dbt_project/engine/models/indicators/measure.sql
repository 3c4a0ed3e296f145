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

),

-- A ratio that is sensitive is computed from a numerator that is; one with a sensitive side would disclose it.
marked as (

    select measure_code
    from dictionary
    where sensitivity is not null

    union

    select numerator_code as measure_code
    from dictionary
    where sensitivity is not null and numerator_code is not null

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
    measure_code in (select marked.measure_code from marked)
    or coalesce(numerator_code in (select marked.measure_code from marked), false)
    or coalesce(denominator_code in (select marked.measure_code from marked), false) as is_sensitive,
    stock_or_flow = 'stock' as is_stock,
    is_indicator
from dictionary
