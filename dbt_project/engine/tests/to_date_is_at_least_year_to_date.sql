{{ config(tags=['structure']) }}

-- The engine can break this, and no row: tested in whole builds.
-- For a flow, to date >= year to date >= the period's value, unless the measure has negative amounts.
with reversed_measures as (

    select distinct indicator_code as measure_code
    from {{ ref('evidence') }}
    where quantity < 0

)

select measured.*
from {{ ref('measure_value') }} as measured
inner join {{ ref('measure') }} as measures on measured.measure_code = measures.measure_code
where
    not measures.is_stock
    and not exists (
        select 1
        from reversed_measures
        where reversed_measures.measure_code = measured.measure_code
    )
    and (measured.to_date < measured.ytd or measured.ytd < measured.value)
