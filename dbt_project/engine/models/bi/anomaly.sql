-- That a number which is not shown is like another one, or far from it, would disclose it.
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
    anomalies.value::numeric(20, 6) as value,
    anomalies.expected::numeric(20, 6) as expected,
    anomalies.low::numeric(20, 6) as low,
    anomalies.high::numeric(20, 6) as high,
    anomalies.history_months_count,
    anomalies.found_at
from {{ ref('stg_ops__anomaly') }} as anomalies
left join {{ ref('measure') }} as indicators on anomalies.indicator_code = indicators.measure_code
left join {{ ref('dim_area') }} as areas on anomalies.area_code = areas.area_code
where
    anomalies.gone_at is null
    and not coalesce(indicators.is_sensitive, false)
    and (
        anomalies.column_name is null
        or anomalies.report not in (
            select reports.report
            from {{ ref('measure_report') }} as reports
            where reports.is_report_sensitive
        )
    )
