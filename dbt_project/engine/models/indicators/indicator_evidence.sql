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

),

evidence_rows as (

    select
        sides.indicator_code,
        sides.side,
        ancestors.ancestor_code as area_code,
        measures.is_stock,
        evidence.event_date,
        evidence.end_date,
        evidence.quantity::numeric(20, 6) as quantity,
        coalesce(submissions.report, 'divisions') as report,
        submissions.unit_code,
        submissions.period_code,
        evidence.submission_id,
        -- The list of divisions is a seed of the project, not a document of a report.
        coalesce(submissions.source_uri, 'dbt_project/seeds/divisions.csv') as source_uri,
        submissions.sha256,
        submissions.loaded_at,
        submissions.pull_number,
        submissions.run_name,
        overridden.submission_id is not null as is_overridden,
        evidence.sheet,
        evidence.row_number,
        sides.measure_code,
        first_columns.column_name,
        first_columns.raw_name,
        first_columns.has_others,
        tables.letters,
        tables.cells,
        tables.fields,
        tables.merged_rows,
        tables.submission_id is not null as has_cells,
        -- Counting the rows of a town would disclose the small counts that are suppressed.
        measures.is_sensitive and areas.area_level not in ('city', 'county', 'zone') as is_hidden
    from sides
    inner join {{ ref('measure') }} as measures on sides.measure_code = measures.measure_code
    inner join {{ ref('evidence') }} as evidence on sides.measure_code = evidence.indicator_code
    inner join {{ ref('area_ancestor') }} as ancestors on evidence.area_code = ancestors.area_code
    inner join {{ ref('dim_area') }} as areas on ancestors.ancestor_code = areas.area_code
    left join {{ ref('stg_ops__submission') }} as submissions on evidence.submission_id = submissions.submission_id
    left join {{ ref('stg_ops__overridden_row') }} as overridden
        on
            evidence.submission_id = overridden.submission_id
            and evidence.sheet = overridden.sheet
            and evidence.row_number = overridden.row_number
    left join {{ ref('measure_column') }} as first_columns
        on
            sides.measure_code = first_columns.measure_code
            and submissions.report = first_columns.report
            and first_columns.ordinal = 1
    left join {{ ref('stg_ops__document_table') }} as tables
        on
            evidence.submission_id = tables.submission_id
            and evidence.sheet = tables.sheet
            and evidence.row_number between tables.first_row and tables.last_row

)

select
    indicator_code,
    side,
    area_code,
    '{{ env_var("HUIMIN_DBT_ROOT_DIVISION") }}' as city_code,
    is_stock,
    event_date,
    end_date,
    quantity,
    report,
    unit_code,
    period_code,
    submission_id,
    source_uri,
    regexp_replace(source_uri, '^.*/', '') as file_name,
    sha256,
    sheet,
    row_number,
    case when has_cells then column_name end as column_name,
    {{ cell_letter('column_name') }} as column_letter,
    {{ cell_address('column_name') }} as cell,
    fields ->> column_name as field_name,
    case when has_cells then {{ cell_text('raw_name') }} end as cell_text,
    case
        when has_cells and has_others
            then (
                select
                    jsonb_agg(
                        jsonb_build_object(
                            'column_name', columns.column_name,
                            'column_letter', {{ cell_letter('columns.column_name') }},
                            'cell', {{ cell_address('columns.column_name') }},
                            'field_name', evidence_rows.fields ->> columns.column_name,
                            'cell_text', {{ cell_text('columns.raw_name') }}
                        ) order by columns.ordinal
                    )
                from {{ ref('measure_column') }} as columns
                where
                    columns.measure_code = evidence_rows.measure_code
                    and columns.report = evidence_rows.report
                    and columns.ordinal > 1
            )
    end as other_cells,
    loaded_at,
    pull_number,
    run_name,
    is_overridden,
    is_hidden
from evidence_rows
