with compared as (

    select
        months.*,
        indicators.name_zh,
        indicators.unit,
        indicators.is_sensitive,
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
    {{ suppress_small_count('compared.value', 'compared.is_sensitive') }} as value,
    {{ suppress_small_count('compared.ytd', 'compared.is_sensitive') }} as ytd,
    {{ suppress_small_count('compared.to_date', 'compared.is_sensitive') }} as to_date,
    {{ suppress_small_count('compared.previous_value', 'compared.is_sensitive') }} as previous_value,
    {{ suppress_small_count('compared.last_year_value', 'compared.is_sensitive') }} as last_year_value,
    compared.target,
    (case
        when not compared.is_sensitive then 100 * compared.achieved / nullif(compared.target, 0)
    end)::numeric(20, 6) as progress_pct,
    compared.elapsed_pct,
    compared.expected,
    {{ suppress_small_count('compared.achieved', 'compared.is_sensitive') }} >= compared.target as is_reached,
    {{ suppress_small_count('compared.achieved', 'compared.is_sensitive') }} >= compared.expected as is_on_track,
    case when not compared.is_sensitive then compared.sibling_rank end as sibling_rank,
    compared.siblings_count
from compared
inner join {{ ref('dim_area') }} as areas on compared.area_code = areas.area_code
