with sides as (

    select
        measure_code as indicator_code,
        measure_code
    from {{ ref('measure') }}

    union all

    select
        ratios.measure_code as indicator_code,
        parts.measure_code
    from {{ ref('measure') }} as ratios
    cross join lateral (values (ratios.numerator_code), (ratios.denominator_code)) as parts (measure_code)
    where ratios.is_ratio

),

-- A flow counts the days of the period, of the year to date, and all to date; a stock counts who is there at the end.
reached as (

    select
        restated.indicator_code,
        restated.area_code,
        restated.period_code,
        bases.basis_rank,
        changes.change_sign,
        changes.measure_code,
        changes.subject_key,
        changes.quantity,
        changes.submission_id,
        changes.sheet,
        changes.row_number,
        changes.source_uri,
        changes.cause
    from {{ ref('restated_value') }} as restated
    inner join sides on restated.indicator_code = sides.indicator_code
    inner join {{ ref('measure') }} as measures on sides.measure_code = measures.measure_code
    inner join {{ ref('area_ancestor') }} as ancestors on restated.area_code = ancestors.ancestor_code
    inner join {{ ref('evidence_change') }} as changes
        on sides.measure_code = changes.measure_code and ancestors.area_code = changes.area_code
    cross join
        lateral (
            values
            (1, restated.value_differs, restated.start_date),
            (2, restated.ytd_differs, restated.year_date),
            (3, restated.to_date_differs, '-infinity'::date)
        ) as bases (basis_rank, is_different, from_date)
    where
        bases.is_different
        and changes.event_date <= restated.end_date
        and (
            measures.is_stock and (changes.end_date is null or changes.end_date > restated.end_date)
            or not measures.is_stock and changes.event_date >= bases.from_date
        )

),

-- A row that moved within these days leaves the number as it was.
weighed as (

    select
        *,
        count(*) filter (where change_sign = 1) over content as added_count,
        count(*) filter (where change_sign = -1) over content as removed_count,
        row_number() over (
            partition by
                indicator_code, area_code, period_code, basis_rank, measure_code, subject_key, quantity, change_sign
            order by submission_id, sheet, row_number
        ) as ordinal
    from reached
    window
        content as (partition by indicator_code, area_code, period_code, basis_rank, measure_code, subject_key, quantity)

)

select
    indicator_code,
    area_code,
    period_code,
    cause,
    submission_id,
    source_uri,
    min(basis_rank) as basis_rank,
    count(distinct concat_ws('|', change_sign, measure_code, sheet, row_number)) as rows_count
from weighed
where ordinal > least(added_count, removed_count)
group by indicator_code, area_code, period_code, cause, submission_id, source_uri
