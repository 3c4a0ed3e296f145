with months as (

    select
        measured.*,
        -- By the calendar, not by the number of rows: a month without a row is no month before.
        first_value(measured.value) over (
            series range between interval '1 month' preceding and interval '1 month' preceding
        ) as previous_value,
        first_value(measured.value) over (
            series range between interval '1 year' preceding and interval '1 year' preceding
        ) as last_year_value,
        rank() over siblings as sibling_rank,
        count(measured.value) over (
            partition by measured.indicator_code, measured.period_code, areas.area_level, areas.parent_code, areas.is_statutory
        ) as siblings_count
    from {{ ref('shown_value') }} as measured
    inner join {{ ref('dim_period') }} as periods on measured.period_code = periods.period_code and periods.period_kind = 'month'
    inner join {{ ref('dim_area') }} as areas on measured.area_code = areas.area_code
    window
        series as (partition by measured.indicator_code, measured.area_code order by periods.start_date),
        siblings as (
            partition by measured.indicator_code, measured.period_code, areas.area_level, areas.parent_code, areas.is_statutory
            order by measured.value desc nulls last
        )

)

select
    indicator_code,
    area_code,
    period_code,
    value,
    ytd,
    to_date,
    previous_value,
    last_year_value,
    case when value is not null and siblings_count > 1 then sibling_rank end as sibling_rank,
    siblings_count,
    suppression
from months
