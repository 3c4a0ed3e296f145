with judged as (

    select
        months.*,
        indicators.name_zh,
        indicators.unit,
        indicators.is_sensitive,
        targets.target,
        targets.elapsed_pct,
        targets.expected,
        case targets.counted_on when 'year' then months.ytd else months.to_date end as reached
    from {{ ref('indicator_month') }} as months
    inner join {{ ref('measure') }} as indicators on months.indicator_code = indicators.measure_code
    left join {{ ref('target_month') }} as targets
        on
            months.indicator_code = targets.indicator_code
            and months.area_code = targets.area_code
            and months.period_code = targets.period_code

)

select
    judged.indicator_code as code,
    judged.name_zh,
    judged.unit,
    judged.area_code,
    areas.area_name,
    areas.area_level,
    judged.period_code as period,
    {{ suppress_small_count('judged.value', 'judged.is_sensitive') }} as value,
    {{ suppress_small_count('judged.ytd', 'judged.is_sensitive') }} as ytd,
    {{ suppress_small_count('judged.to_date', 'judged.is_sensitive') }} as to_date,
    {{ suppress_small_count('judged.previous_value', 'judged.is_sensitive') }} as previous_value,
    {{ suppress_small_count('judged.last_year_value', 'judged.is_sensitive') }} as last_year_value,
    judged.target,
    (case
        when not judged.is_sensitive then 100 * judged.reached / nullif(judged.target, 0)
    end)::numeric(20, 6) as progress_pct,
    judged.elapsed_pct,
    judged.expected,
    {{ suppress_small_count('judged.reached', 'judged.is_sensitive') }} >= judged.target as is_reached,
    {{ suppress_small_count('judged.reached', 'judged.is_sensitive') }} >= judged.expected as is_on_track,
    case when not judged.is_sensitive then judged.sibling_rank end as sibling_rank,
    judged.siblings_count
from judged
inner join {{ ref('dim_area') }} as areas on judged.area_code = areas.area_code
