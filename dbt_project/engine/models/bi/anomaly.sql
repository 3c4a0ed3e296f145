-- Of numbers of people, what is odd about a value would disclose it.
select
    anomalies.report,
    anomalies.unit_code,
    anomalies.period_code,
    anomalies.kind,
    anomalies.indicator_code,
    indicators.name_zh as indicator_name,
    anomalies.area_code,
    areas.area_name,
    anomalies.column_name,
    case when not coalesce(indicators.is_sensitive, false) then anomalies.value end::numeric(20, 6) as value,
    case when not coalesce(indicators.is_sensitive, false) then anomalies.expected end::numeric(20, 6) as expected,
    case when not coalesce(indicators.is_sensitive, false) then anomalies.low end::numeric(20, 6) as low,
    case when not coalesce(indicators.is_sensitive, false) then anomalies.high end::numeric(20, 6) as high,
    anomalies.history_months_count,
    anomalies.found_at
from {{ ref('stg_ops__anomaly') }} as anomalies
left join {{ ref('measure') }} as indicators on anomalies.indicator_code = indicators.measure_code
left join {{ ref('dim_area') }} as areas on anomalies.area_code = areas.area_code
where anomalies.gone_at is null
