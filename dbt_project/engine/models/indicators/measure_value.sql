{{ config(
    materialized='incremental',
    incremental_strategy='write_changed_keys',
    unique_key=['measure_code', 'period_code', 'area_code'],
    meta={'scope': 'series'},
    indexes=[{'columns': ['measure_code', 'period_code', 'area_code'], 'unique': true}]
) }}

{%- set horizon = build_horizon() %}
{%- set series = touched_series(horizon) %}
{%- set is_whole = horizon.is_whole or not is_incremental() %}

select
    measure_code,
    area_code,
    period_code,
    value,
    ytd,
    to_date
from {{ ref('flow_value') }}
{%- if not is_whole %}
    where {{ is_of_series(series, 'measure_code', 'area_code') }}
{%- endif %}

union all

select
    measure_code,
    area_code,
    period_code,
    value,
    value as ytd,
    value as to_date
from {{ ref('stock_value') }}
{%- if not is_whole %}
    where {{ is_of_series(series, 'measure_code', 'area_code') }}
{%- endif %}
