select
    releases.release_number,
    releases.period_code as released_period_code,
    releases.released_at,
    frozen.indicator_code,
    frozen.area_code,
    frozen.period_code,
    frozen.value,
    frozen.ytd,
    frozen.to_date,
    frozen.numerator,
    frozen.denominator,
    frozen.release_number as changed_in_release_number
from {{ ref('stg_release__release') }} as releases
inner join {{ ref('stg_release__value') }} as frozen
    on
        releases.release_number >= frozen.release_number
        and (frozen.next_release_number is null or releases.release_number < frozen.next_release_number)
