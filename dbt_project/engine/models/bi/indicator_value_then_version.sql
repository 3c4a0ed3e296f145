{{ config(post_hook="{{ create_value_then_as_of_function() }}") }}

-- depends_on: {{ ref('indicator_value_version') }}
select
    versions.indicator_code,
    {{ area_of_then_series('versions.area_code') }} as area_code,
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
where {{ is_then_series('versions.area_code') }}
