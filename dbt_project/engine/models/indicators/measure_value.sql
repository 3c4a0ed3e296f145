{{ config(
    materialized='incremental',
    incremental_strategy='replace_changed_measures',
    indexes=[{'columns': ['measure_code', 'period_code', 'area_code'], 'unique': true}]
) }}

with flows_and_stocks as (

    select
        measure_code,
        area_code,
        period_code,
        value,
        ytd,
        to_date
    from {{ ref('flow_value') }}

    union all

    select
        measure_code,
        area_code,
        period_code,
        value,
        value as ytd,
        value as to_date
    from {{ ref('stock_value') }}

)

select
    flows_and_stocks.measure_code,
    flows_and_stocks.area_code,
    flows_and_stocks.period_code,
    flows_and_stocks.value,
    flows_and_stocks.ytd,
    flows_and_stocks.to_date,
    fingerprints.measure_fingerprint
from flows_and_stocks
inner join {{ ref('measure_fingerprint') }} as fingerprints on flows_and_stocks.measure_code = fingerprints.measure_code
-- depends_on: {{ ref('dim_period') }}
{% if is_incremental() %}
    where
        {{ is_changed_measure('flows_and_stocks.measure_code', by_period=true) }}
        and {{ is_missing_period('flows_and_stocks.measure_code', 'flows_and_stocks.period_code') }}
{% endif %}
