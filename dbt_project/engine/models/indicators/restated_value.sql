-- As BI shows them: what may not be shown is null, as it was when it was released. A number that was not shown
-- then is not restated by being shown.
with horizon as (

    select
        build_id,
        build_id is null or coalesce(dictionary_differs, true) as compares_all
    from {{ ref('release_horizon') }}

),

-- A build writes the values that change, so that all others are as they were released. What is sensitive, the dictionary says.
candidates as (

    select
        measured.indicator_code,
        measured.area_code,
        measured.period_code
    from {{ ref('indicator_area_period') }} as measured
    where measured.since_build > (select horizon.build_id from horizon)

    union

    select
        former.indicator_code,
        former.area_code,
        former.period_code
    from {{ ref('superseded_value') }} as former
    where former.until_build > (select horizon.build_id from horizon)

),

released as (

    select frozen.*
    from candidates
    cross join
        lateral (
            select releases.*
            from {{ ref('stg_release__value') }} as releases
            where
                candidates.indicator_code = releases.indicator_code
                and candidates.area_code = releases.area_code
                and candidates.period_code = releases.period_code
            order by releases.release_number desc
            limit 1
        ) as frozen
    where not (select horizon.compares_all from horizon)

    union all

    select *
    from {{ ref('stg_release__value') }}
    where next_release_number is null and (select horizon.compares_all from horizon)

),

compared as (

    select
        released.indicator_code,
        released.area_code,
        released.period_code,
        -- A period without any document left has no row in dim_period, and its values are restated all the same.
        {{ period_start_date('released.period_code') }} as start_date,
        {{ period_end_date('released.period_code') }} as end_date,
        make_date(left(released.period_code, 4)::integer, 1, 1) as year_date,
        releases.release_number,
        releases.released_at,
        released.value as published_value,
        released.ytd as published_ytd,
        released.to_date as published_to_date,
        released.numerator as published_numerator,
        released.denominator as published_denominator,
        measured.value as current_value,
        measured.ytd as current_ytd,
        measured.to_date as current_to_date,
        measured.numerator as current_numerator,
        measured.denominator as current_denominator,
        coalesce(indicators.is_sensitive, true) as is_sensitive
    from released
    inner join {{ ref('stg_release__release') }} as releases on released.release_number = releases.release_number
    left join {{ ref('measure') }} as indicators on released.indicator_code = indicators.measure_code
    left join {{ ref('shown_value') }} as measured
        on
            released.indicator_code = measured.indicator_code
            and released.area_code = measured.area_code
            and released.period_code = measured.period_code
            and indicators.measure_code is not null

),

flagged as (

    select
        *,
        (
            (
                published_value is distinct from current_value
                or published_numerator is distinct from current_numerator
                or published_denominator is distinct from current_denominator
            )
            and not (is_sensitive and published_value is null)
        ) as value_differs,
        (published_ytd is distinct from current_ytd and not (is_sensitive and published_ytd is null)) as ytd_differs,
        (
            published_to_date is distinct from current_to_date and not (is_sensitive and published_to_date is null)
        ) as to_date_differs
    from compared

)

select * from flagged
where value_differs or ytd_differs or to_date_differs
