with compared as (

    select
        printed.indicator_code,
        indicators.name_zh,
        printed.area_code,
        printed.period_code,
        printed.basis,
        case printed.basis when 'to_date' then measured.to_date else measured.value end as value,
        indicators.unit,
        printed.printed,
        printed.qualifier,
        printed.value as printed_value,
        printed.low,
        printed.high,
        indicators.source_report,
        printed.document,
        printed.as_of_date,
        printed.note
    from {{ ref('published_figures') }} as printed
    inner join {{ ref('measure') }} as indicators on printed.indicator_code = indicators.measure_code
    left join {{ ref('indicator_area_period') }} as measured
        on
            printed.indicator_code = measured.indicator_code
            and printed.area_code = measured.area_code
            and printed.period_code = measured.period_code

)

select
    indicator_code,
    name_zh,
    area_code,
    period_code,
    basis,
    value,
    unit,
    printed as published,
    qualifier,
    low::numeric(20, 6) as low,
    high::numeric(20, 6) as high,
    case
        when value is null then 'no_value'
        when {{ agrees_with_published('value', 'qualifier', 'printed_value', 'low', 'high') }} then 'inside'
        else 'outside'
    end as verdict,
    source_report,
    document,
    as_of_date,
    note
from compared
