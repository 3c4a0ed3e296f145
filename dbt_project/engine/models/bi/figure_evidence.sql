with sides as (

    select
        measure_code as indicator_code,
        measure_code,
        'value' as side
    from {{ ref('measure') }}
    where is_indicator and not is_ratio

    union all

    select
        measure_code as indicator_code,
        numerator_code as measure_code,
        'numerator' as side
    from {{ ref('measure') }}
    where is_ratio

    union all

    select
        measure_code as indicator_code,
        denominator_code as measure_code,
        'denominator' as side
    from {{ ref('measure') }}
    where is_ratio

)

select
    sides.indicator_code,
    sides.side,
    ancestors.ancestor_code as area_code,
    '{{ env_var("HUIMIN_DBT_ROOT_DIVISION") }}' as city_code,
    measures.is_stock,
    evidence.event_date,
    evidence.end_date,
    evidence.quantity::numeric(20, 6) as quantity,
    coalesce(submissions.report, 'divisions') as report,
    submissions.unit_code,
    submissions.period_code,
    -- The list of divisions is a seed of the project, not a document of a report.
    coalesce(submissions.source_uri, 'dbt_project/seeds/divisions.csv') as source_uri,
    submissions.sha256,
    evidence.sheet,
    evidence.row_number
from sides
inner join {{ ref('measure') }} as measures on sides.measure_code = measures.measure_code
inner join {{ ref('evidence') }} as evidence on sides.measure_code = evidence.indicator_code
inner join {{ ref('area_ancestor') }} as ancestors on evidence.area_code = ancestors.area_code
inner join {{ ref('dim_area') }} as areas on ancestors.ancestor_code = areas.area_code
left join {{ ref('stg_ops__submission') }} as submissions on evidence.submission_id = submissions.submission_id
-- Counting the rows of a town would disclose the small counts that are suppressed.
where not measures.is_sensitive or areas.area_level in ('city', 'county', 'zone')
