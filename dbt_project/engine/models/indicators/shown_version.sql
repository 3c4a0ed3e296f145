-- A number may be shown later than it was computed, and no longer before it changes: then a version has several rows.
with versions as not materialized (

    select
        versions.indicator_code,
        versions.area_code,
        versions.period_code,
        versions.value,
        versions.ytd,
        versions.to_date,
        versions.numerator,
        versions.denominator,
        versions.since_build,
        versions.until_build,
        measures.is_sensitive,
        measures.is_ratio
    from {{ ref('value_version') }} as versions
    left join {{ ref('measure') }} as measures on versions.indicator_code = measures.measure_code

),

parts as (

    select
        versions.*,
        parts.part_since,
        parts.part_until
    from versions
    cross join
        lateral (
            select
                starts.build_id as part_since,
                lead(starts.build_id, 1, versions.until_build) over (order by starts.build_id) as part_until
            from (
                select versions.since_build as build_id

                union

                select ends.build_id
                from {{ ref('stg_ops__disclosed_value') }} as disclosed
                cross join lateral (values (disclosed.opened_build), (disclosed.closed_build)) as ends (build_id)
                where
                    disclosed.measure_code = versions.indicator_code
                    and disclosed.series_code = versions.area_code
                    and disclosed.period_code = versions.period_code
                    and ends.build_id > versions.since_build
                    and (versions.until_build is null or ends.build_id < versions.until_build)
            ) as starts
        ) as parts
    where versions.is_sensitive is distinct from false

),

numbers as (

    select
        parts.*,
        {{ shown_number('parts', 'parts', 'value', build='parts.part_since') }} as shown_value,
        {{ shown_number('parts', 'parts', 'ytd', build='parts.part_since') }} as shown_ytd,
        {{ shown_number('parts', 'parts', 'to_date', build='parts.part_since') }} as shown_to_date
    from parts

)

select
    indicator_code,
    area_code,
    period_code,
    value,
    ytd,
    to_date,
    numerator,
    denominator,
    null as suppression,
    since_build,
    until_build
from versions
where is_sensitive is false

union all

select
    indicator_code,
    area_code,
    period_code,
    shown_value as value,
    shown_ytd as ytd,
    shown_to_date as to_date,
    case when shown_value is not null then numerator end as numerator,
    case when shown_value is not null then denominator end as denominator,
    {{ suppression() }} as suppression,
    part_since as since_build,
    part_until as until_build
from numbers
