{{ config(
    materialized='table_in_place',
    keep='same_rows',
    indexes=[{'columns': ['indicator_code', 'area_code', 'period_code']}]
) }}

-- A table: as a view its rows cannot be estimated, and what joins it may take a plan that never ends.
with months as (

    select
        period_code,
        year_number,
        end_date
    from {{ ref('dim_period') }}
    where period_kind = 'month'

),

-- Every target that reaches an area in a month: its own, or that of an area above by the target's rule.
reaching as (

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

-- The year's time passes by working days.
elapsed as (

    select
        month_code,
        sum(count(*) filter (where is_working_day)) over (partition by year_code order by month_code)
        / sum(count(*) filter (where is_working_day)) over (partition by year_code) as elapsed_share
    from {{ ref('dim_date') }}
    group by year_code, month_code

)

select
    reaching.indicator_code,
    reaching.area_code,
    reaching.period_code,
    reaching.counted_on,
    reaching.target::numeric(20, 6) as target,
    (100 * elapsed.elapsed_share)::numeric(20, 6) as elapsed_pct,
    (case reaching.counted_on when 'year' then reaching.target * elapsed.elapsed_share end)::numeric(20, 6) as expected
from reaching
inner join elapsed on reaching.period_code = elapsed.month_code
where reaching.preference = 1
