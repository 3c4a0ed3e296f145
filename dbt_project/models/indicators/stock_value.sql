{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ remove_changed_measures() }}",
    indexes=[{'columns': ['measure_code', 'area_code', 'period_code'], 'unique': true}]
) }}

with changed as (

    select
        measures.measure_code,
        measures.aggregation,
        measures.scale,
        marks.deepest_level_rank,
        marks.mark
    from {{ ref('measure') }} as measures
    inner join {{ ref('measure_mark') }} as marks on measures.measure_code = marks.measure_code
    where not measures.is_ratio and measures.is_stock and {{ measure_has_no_rows('measures.measure_code') }}

),

month_ends as (

    select end_date
    from {{ ref('dim_period') }}
    where period_kind = 'month'

),

-- A subject is there at the end of a month from its event date on and until, not including, its end date.
alive as (

    select
        changed.measure_code,
        ancestors.ancestor_code as area_code,
        month_ends.end_date,
        case changed.aggregation
            when 'count_distinct' then count(distinct evidence.subject_key)
            when 'count' then count(*)
            else sum(evidence.quantity)
        end as amount
    from {{ ref('evidence') }} as evidence
    inner join changed on evidence.indicator_code = changed.measure_code
    inner join {{ ref('area_ancestor') }} as ancestors on evidence.area_code = ancestors.area_code
    inner join month_ends
        on
            evidence.event_date <= month_ends.end_date
            and (evidence.end_date is null or evidence.end_date > month_ends.end_date)
    group by changed.measure_code, changed.aggregation, ancestors.ancestor_code, month_ends.end_date

),

grid as (

    select
        changed.measure_code,
        changed.scale,
        changed.mark,
        areas.area_code,
        periods.period_code,
        periods.end_date
    from changed
    inner join {{ ref('dim_area') }} as areas on areas.has_values and changed.deepest_level_rank >= areas.area_level_rank
    cross join {{ ref('dim_period') }} as periods

)

select
    grid.measure_code,
    grid.area_code,
    grid.period_code,
    round(coalesce(alive.amount, 0) / grid.scale, 6) as value,
    grid.mark
from grid
left join alive
    on
        grid.measure_code = alive.measure_code
        and grid.area_code = alive.area_code
        and grid.end_date = alive.end_date
