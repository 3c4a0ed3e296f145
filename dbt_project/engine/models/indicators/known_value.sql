-- As it was shown. What a build that failed wrote is known when the next one ends well.
with builds as (

    select
        build_id,
        min(ended_at) over (order by build_id rows between current row and unbounded following) as known_at
    from {{ ref('stg_ops__build') }}

)

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
    sinces.known_at as known_from_at,
    untils.known_at as known_until_at
from {{ ref('shown_version') }} as versions
inner join builds as sinces on versions.since_build = sinces.build_id
left join builds as untils on versions.until_build = untils.build_id
where
    sinces.known_at is not null
    and (untils.known_at is null or sinces.known_at < untils.known_at)
