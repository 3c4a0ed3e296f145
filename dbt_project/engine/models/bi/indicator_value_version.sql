{{ config(post_hook="{{ create_value_as_of_function() }}") }}

-- Of today's hierarchy.
select
    versions.indicator_code,
    versions.area_code,
    versions.period_code,
    versions.value,
    versions.ytd,
    versions.to_date,
    versions.numerator,
    versions.denominator,
    versions.suppression,
    versions.known_from_at,
    versions.known_until_at
from {{ ref('known_value') }} as versions
where not {{ is_then_series('versions.area_code') }}
