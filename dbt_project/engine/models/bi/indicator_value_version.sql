{{ config(post_hook="{{ create_value_as_of_function() }}") }}

-- Of today's hierarchy. The dictionary of today decides what is sensitive; of an indicator that left it, small counts are hidden.
select
    versions.indicator_code,
    versions.area_code,
    versions.period_code,
    {{ suppress_small_count('versions.value', 'coalesce(indicators.is_sensitive, true)') }} as value,
    {{ suppress_small_count('versions.ytd', 'coalesce(indicators.is_sensitive, true)') }} as ytd,
    {{ suppress_small_count('versions.to_date', 'coalesce(indicators.is_sensitive, true)') }} as to_date,
    versions.numerator,
    versions.denominator,
    versions.known_from_at,
    versions.known_until_at
from {{ ref('known_value') }} as versions
left join {{ ref('measure') }} as indicators on versions.indicator_code = indicators.measure_code
where not {{ is_then_series('versions.area_code') }}
