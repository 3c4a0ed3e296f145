{{ config(post_hook="{{ create_value_then_as_of_function() }}") }}

-- depends_on: {{ ref('indicator_value_version') }}
select
    versions.indicator_code,
    {{ area_of_then_series('versions.area_code') }} as area_code,
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
where {{ is_then_series('versions.area_code') }}
