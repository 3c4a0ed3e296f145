-- A print is compared with what was known at the end of its day, too. Before the first build nothing can be told of that.
with known as (

    select
        printed.indicator_code,
        printed.area_code,
        printed.period_code,
        printed.basis,
        printed.document,
        case printed.basis when 'to_date' then versions.to_date else versions.value end as value,
        versions.suppression
    from {{ ref('published_figures') }} as printed
    inner join {{ ref('known_value') }} as versions
        on
            printed.indicator_code = versions.indicator_code
            and printed.area_code = versions.area_code
            and printed.period_code = versions.period_code
    where
        versions.known_from_at < (printed.as_of_date + 1)::timestamp at time zone 'Asia/Shanghai'
        and (
            versions.known_until_at is null
            or versions.known_until_at >= (printed.as_of_date + 1)::timestamp at time zone 'Asia/Shanghai'
        )

),

history as (

    select min(ended_at) as first_ended_at
    from {{ ref('stg_ops__build') }}
    where snapshot is not null

),

compared as (

    select
        printed.indicator_code,
        indicators.name_zh,
        printed.area_code,
        printed.period_code,
        printed.basis,
        case printed.basis when 'to_date' then measured.to_date else measured.value end as value,
        indicators.unit,
        printed.printed,
        printed.qualifier,
        printed.value as printed_value,
        printed.low,
        printed.high,
        indicators.source_report,
        printed.document,
        printed.as_of_date,
        printed.note,
        measured.suppression,
        known.value as value_at_print,
        known.suppression as suppression_at_print,
        case
            when printed.as_of_date is null then 'no_date'
            when
                history.first_ended_at < (printed.as_of_date + 1)::timestamp at time zone 'Asia/Shanghai'
                then 'known'
            else 'before_history'
        end as print_history
    from {{ ref('published_figures') }} as printed
    inner join {{ ref('measure') }} as indicators on printed.indicator_code = indicators.measure_code
    left join {{ ref('shown_value') }} as measured
        on
            printed.indicator_code = measured.indicator_code
            and printed.area_code = measured.area_code
            and printed.period_code = measured.period_code
    left join known
        on
            printed.indicator_code = known.indicator_code
            and printed.area_code = known.area_code
            and printed.period_code = known.period_code
            and printed.basis = known.basis
            and printed.document = known.document
    cross join history

)

select
    indicator_code,
    name_zh,
    area_code,
    period_code,
    basis,
    value,
    unit,
    printed as published,
    qualifier,
    low::numeric(20, 6) as low,
    high::numeric(20, 6) as high,
    case
        when value is null and suppression is not null then 'hidden'
        when value is null then 'no_value'
        when {{ agrees_with_published('value', 'qualifier', 'printed_value', 'low', 'high') }} then 'inside'
        else 'outside'
    end as verdict,
    source_report,
    document,
    as_of_date,
    note,
    value_at_print,
    case
        when print_history <> 'known' then print_history
        when value_at_print is null and suppression_at_print is not null then 'hidden'
        when value_at_print is null then 'no_value'
        when {{ agrees_with_published('value_at_print', 'qualifier', 'printed_value', 'low', 'high') }} then 'inside'
        else 'outside'
    end as verdict_at_print
from compared
