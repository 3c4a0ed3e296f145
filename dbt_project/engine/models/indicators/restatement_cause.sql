with sides as (

    select
        measure_code as indicator_code,
        measure_code,
        is_stock
    from {{ ref('measure') }}
    where not is_ratio

    union all

    select
        ratios.measure_code as indicator_code,
        measures.measure_code,
        measures.is_stock
    from {{ ref('measure') }} as ratios
    inner join {{ ref('measure') }} as measures on measures.measure_code in (ratios.numerator_code, ratios.denominator_code)
    where ratios.is_ratio

),

-- Materialized: few rows, and the planner takes them for one and would compute them again for each restated value.
changes as materialized (

    select
        sides.indicator_code,
        sides.is_stock,
        ancestors.ancestor_code,
        changed.*
    from {{ ref('evidence_change') }} as changed
    inner join sides on changed.measure_code = sides.measure_code
    inner join {{ ref('area_ancestor') }} as ancestors on changed.area_code = ancestors.area_code
    where ancestors.ancestor_has_values

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
    inner join changes
        on
            restated.indicator_code = changes.indicator_code
            and restated.area_code = changes.ancestor_code
            and restated.end_date >= changes.event_date
    cross join
        lateral (
            values
            (1, restated.value_differs, restated.start_date),
            (2, restated.ytd_differs, restated.year_date),
            (3, restated.to_date_differs, '-infinity'::date)
        ) as bases (basis_rank, is_different, from_date)
    where
        bases.is_different
        and (
            changes.is_stock and (changes.end_date is null or changes.end_date > restated.end_date)
            or not changes.is_stock and changes.event_date >= bases.from_date
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

),

grouped as (

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

)

select
    *,
    min(basis_rank) over (partition by indicator_code, area_code, period_code, cause) as cause_basis_rank,
    sum(rows_count) over (partition by indicator_code, area_code, period_code, cause) as cause_rows_count,
    row_number() over (partition by indicator_code, area_code, period_code, cause order by submission_id) as cause_ordinal,
    row_number() over (partition by indicator_code, area_code, period_code, submission_id order by cause) as submission_ordinal
from grouped
