{{ config(
    materialized='table_in_place',
    keep='same_mark',
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
    marks.mark
from flows_and_stocks
inner join {{ ref('measure_mark') }} as marks on flows_and_stocks.measure_code = marks.measure_code
-- New periods are found by the way this table is kept.
-- depends_on: {{ ref('dim_period') }}
