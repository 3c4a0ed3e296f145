-- As BI shows them: of values of people, small counts are hidden, as they were when they were released.
with released as (

    select
        frozen.*,
        substr(frozen.period_code, 1, 4)::integer as year_number,
        case
            when frozen.period_code like '____-__' then 1
            when frozen.period_code like '____Q_' then 3
            when frozen.period_code like '____H_' then 6
            else 12
        end as length_months,
        case
            when frozen.period_code like '____-__' then right(frozen.period_code, 2)::integer
            when frozen.period_code like '____Q_' then right(frozen.period_code, 1)::integer
            when frozen.period_code like '____H_' then right(frozen.period_code, 1)::integer
            else 1
        end as ordinal
    from {{ ref('stg_release__value') }} as frozen
    where frozen.next_release_number is null

),

compared as (

    select
        released.indicator_code,
        released.area_code,
        released.period_code,
        -- A period without any document left has no row in dim_period, and its values are restated all the same.
        make_date(released.year_number, 1 + (released.ordinal - 1) * released.length_months, 1) as start_date,
        (
            make_date(released.year_number, 1, 1)
            + released.ordinal * released.length_months * interval '1 month'
            - interval '1 day'
        )::date as end_date,
        make_date(released.year_number, 1, 1) as year_date,
        releases.release_number,
        releases.released_at,
        released.value as published_value,
        released.ytd as published_ytd,
        released.to_date as published_to_date,
        released.numerator as published_numerator,
        released.denominator as published_denominator,
        {{ suppress_small_count('measured.value', 'indicators.is_sensitive') }} as current_value,
        {{ suppress_small_count('measured.ytd', 'indicators.is_sensitive') }} as current_ytd,
        {{ suppress_small_count('measured.to_date', 'indicators.is_sensitive') }} as current_to_date,
        measured.numerator as current_numerator,
        measured.denominator as current_denominator
    from released
    inner join {{ ref('stg_release__release') }} as releases on released.release_number = releases.release_number
    left join {{ ref('measure') }} as indicators on released.indicator_code = indicators.measure_code
    left join {{ ref('indicator_area_period') }} as measured
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
            published_value is distinct from current_value
            or published_numerator is distinct from current_numerator
            or published_denominator is distinct from current_denominator
        ) as value_differs,
        (published_ytd is distinct from current_ytd) as ytd_differs,
        (published_to_date is distinct from current_to_date) as to_date_differs
    from compared

)

select * from flagged
where value_differs or ytd_differs or to_date_differs
