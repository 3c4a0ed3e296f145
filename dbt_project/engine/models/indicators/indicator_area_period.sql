{{ config(
    materialized='incremental',
    incremental_strategy='write_changed_keys',
    unique_key=['indicator_code', 'area_code', 'period_code'],
    meta={'scope': 'series', 'history': 'superseded_value'},
    indexes=[
        {'columns': ['indicator_code', 'area_code', 'period_code'], 'unique': true},
        {'columns': ['period_code', 'area_code']},
        {'columns': ['since_build']}
    ]
) }}

{%- set horizon = build_horizon() %}
{%- set series = touched_series(horizon) %}
{%- set is_whole = horizon.is_whole or not is_incremental() %}

-- depends_on: {{ ref('superseded_value') }}
select
    measured.measure_code as indicator_code,
    measured.area_code,
    measured.period_code,
    measured.value,
    measured.ytd,
    measured.to_date,
    null::numeric(20, 6) as numerator,
    null::numeric(20, 6) as denominator,
    {{ horizon.number }}::bigint as since_build
from {{ ref('measure_value') }} as measured
inner join {{ ref('measure') }} as measures on measured.measure_code = measures.measure_code
where
    measures.is_indicator
    and {{ 'true' if is_whole else is_of_series(series, 'measured.measure_code', 'measured.area_code') }}

union all

select
    ratios.measure_code as indicator_code,
    ratios.area_code,
    ratios.period_code,
    ratios.value,
    ratios.ytd,
    ratios.to_date,
    ratios.numerator,
    ratios.denominator,
    {{ horizon.number }}::bigint as since_build
from {{ ref('ratio_value') }} as ratios
where {{ 'true' if is_whole else is_of_series(series, 'ratios.measure_code', 'ratios.area_code') }}
