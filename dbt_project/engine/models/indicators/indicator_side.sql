{{ config(
    materialized='incremental',
    incremental_strategy='replace_changed_rows',
    indexes=[{'columns': ['indicator_code']}]
) }}

-- A table: each question for the evidence of a figure begins here, and unfolding the dictionary takes longer than to answer it.
with sides as (

    select
        measure_code as indicator_code,
        measure_code,
        'value' as side
    from {{ ref('measure') }}
    where is_indicator and not is_ratio

    union all

    select
        measure_code as indicator_code,
        numerator_code as measure_code,
        'numerator' as side
    from {{ ref('measure') }}
    where is_ratio

    union all

    select
        measure_code as indicator_code,
        denominator_code as measure_code,
        'denominator' as side
    from {{ ref('measure') }}
    where is_ratio

)

select
    sides.indicator_code,
    sides.side,
    sides.measure_code,
    measures.unit,
    measures.scale,
    measures.aggregation,
    measures.is_stock,
    measures.is_sensitive
    or exists (
        select 1
        from {{ ref('measure_report') }} as reports
        where reports.measure_code = sides.measure_code and reports.is_report_sensitive
    ) as is_hidden
from sides
inner join {{ ref('measure') }} as measures on sides.measure_code = measures.measure_code
