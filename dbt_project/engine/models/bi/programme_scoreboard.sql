with compared as (

    select
        months.*,
        indicators.name_zh,
        indicators.unit,
        targets.target,
        targets.elapsed_pct,
        targets.expected,
        case targets.counted_on when 'year' then months.ytd else months.to_date end as achieved
    from {{ ref('indicator_month') }} as months
    inner join {{ ref('measure') }} as indicators on months.indicator_code = indicators.measure_code
    left join {{ ref('target_month') }} as targets
        on
            months.indicator_code = targets.indicator_code
            and months.area_code = targets.area_code
            and months.period_code = targets.period_code

)

select
    compared.indicator_code,
    compared.name_zh,
    compared.unit,
    compared.area_code,
    areas.area_name,
    areas.area_level,
    compared.period_code,
    compared.value,
    compared.ytd,
    compared.to_date,
    compared.previous_value,
    compared.last_year_value,
    compared.target,
    (100 * compared.achieved / nullif(compared.target, 0))::numeric(20, 6) as progress_pct,
    compared.elapsed_pct,
    compared.expected,
    compared.achieved >= compared.target as is_reached,
    compared.achieved >= compared.expected as is_on_track,
    compared.sibling_rank,
    compared.siblings_count,
    compared.suppression
from compared
inner join {{ ref('dim_area') }} as areas on compared.area_code = areas.area_code
