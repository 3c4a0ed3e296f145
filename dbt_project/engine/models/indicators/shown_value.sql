with numbers as (

    select
        measured.*,
        measures.is_sensitive,
        measures.is_ratio,
        {{ shown_number('measured', 'measures', 'value') }} as shown_value,
        {{ shown_number('measured', 'measures', 'ytd') }} as shown_ytd,
        {{ shown_number('measured', 'measures', 'to_date') }} as shown_to_date
    from {{ ref('indicator_area_period') }} as measured
    left join {{ ref('measure') }} as measures on measured.indicator_code = measures.measure_code

)

select
    indicator_code,
    area_code,
    period_code,
    shown_value as value,
    shown_ytd as ytd,
    shown_to_date as to_date,
    case when is_sensitive is false or shown_value is not null then numerator end as numerator,
    case when is_sensitive is false or shown_value is not null then denominator end as denominator,
    {{ suppression() }} as suppression,
    case
        when value is not null or is_sensitive is null then null
        when not is_ratio or denominator is null then 'unknown'
        when denominator = 0 then 'zero_denominator'
    end as missing_reason,
    since_build
from numbers
