{{ config(
    materialized='incremental',
    incremental_strategy='write_changed_keys',
    unique_key=['indicator_code', 'area_code', 'period_code'],
    meta={'scope': 'siblings'},
    indexes=[
        {'columns': ['indicator_code', 'area_code', 'period_code'], 'unique': true},
        {'columns': ['period_code', 'area_code']},
        {'columns': ['period_code', 'indicator_code']}
    ]
) }}

{%- set horizon = build_horizon() %}
{%- set series = touched_sibling_series(horizon) %}
{%- set is_whole = horizon.is_whole or not is_incremental() %}

-- A value reaches the rows of its own series, and the places of all siblings: all series of siblings are computed again.
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
    {%- if not is_whole %}
        where {{ is_of_series(series, 'measured.indicator_code', 'measured.area_code') }}
    {%- endif %}
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
