{{ config(
    materialized='incremental',
    incremental_strategy='replace_changed_rows',
    indexes=[{'columns': ['indicator_code', 'area_code', 'period_code']}]
) }}

-- A table, not a view: the planner cannot estimate the view's rows, and joins to it took a plan that did not end.
with months as (

    select
        period_code,
        year_number,
        end_date
    from {{ ref('dim_period') }}
    where period_kind = 'month'

),

-- Every target that applies to an area in a month: its own, or one inherited from an ancestor by the target's rule.
applicable as (

    select
        targets.indicator_code,
        shares.area_code,
        months.period_code,
        months.end_date,
        targets.counted_on,
        targets.target * case targets.area_rule when 'towns' then shares.towns_share else 1 end as target,
        row_number() over (
            partition by targets.indicator_code, shares.area_code, months.period_code
            order by shares.ancestor_level_rank desc, targets.valid_from_date desc
        ) as preference
    from {{ ref('targets') }} as targets
    inner join {{ ref('area_share') }} as shares
        on
            targets.area_code = shares.ancestor_code
            and (targets.area_code = shares.area_code or targets.area_rule <> 'none')
    inner join months on targets.year_number = months.year_number and targets.valid_from_date <= months.end_date

),

-- Elapsed time is measured in working days.
elapsed as (

    select
        month_code,
        sum(count(*) filter (where is_working_day)) over (partition by year_code order by month_code)
        / sum(count(*) filter (where is_working_day)) over (partition by year_code) as elapsed_share
    from {{ ref('dim_date') }}
    group by year_code, month_code

)

select
    applicable.indicator_code,
    applicable.area_code,
    applicable.period_code,
    applicable.counted_on,
    applicable.target::numeric(20, 6) as target,
    (100 * elapsed.elapsed_share)::numeric(20, 6) as elapsed_pct,
    (case applicable.counted_on when 'year' then applicable.target * elapsed.elapsed_share end)::numeric(20, 6) as expected
from applicable
inner join elapsed on applicable.period_code = elapsed.month_code
where applicable.preference = 1
