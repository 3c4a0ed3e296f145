-- No common table expression: PostgreSQL would compute it for all rows, with the text of each cell, before a limit is applied.
select
    indicator_code,
    side,
    area_code,
    city_code,
    is_stock,
    event_date,
    end_date,
    quantity,
    unit,
    scale,
    aggregation,
    {{ counted_subject('measure_code', 'subject') }} as subject_key,
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
    case when has_cells then {{ cell_text('raw_name') }} else listed_text end as cell_text,
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
    stated_source,
    stated_basis,
    is_subject_person,
    is_hidden
from (
    select
        evidence.indicator_code,
        evidence.side,
        evidence.area_code,
        evidence.city_code,
        evidence.is_stock,
        evidence.event_date,
        evidence.end_date,
        evidence.quantity,
        evidence.unit,
        evidence.scale,
        evidence.aggregation,
        evidence.subject,
        coalesce(submissions.report, case when figures.area_code is null then 'divisions' else 'area_figures' end) as report,
        submissions.unit_code,
        submissions.period_code,
        evidence.submission_id,
        -- The lists of divisions and of their figures are seeds of the project, not documents of a report.
        coalesce(
            submissions.source_uri,
            case
                when figures.area_code is null then 'dbt_project/seeds/divisions.csv' else 'dbt_project/seeds/area_figures.csv'
            end
        ) as source_uri,
        case
            when figures.area_code is not null
                then concat_ws(' ', figures.area_code, figures.as_of_date, trim_scale(figures.quantity), figures.source)
        end as listed_text,
        figures.source as stated_source,
        figures.basis as stated_basis,
        submissions.sha256,
        submissions.loaded_at,
        submissions.pull_number,
        submissions.run_name,
        overridden.submission_id is not null as is_overridden,
        evidence.sheet,
        evidence.row_number,
        evidence.measure_code,
        first_columns.column_name,
        first_columns.raw_name,
        first_columns.has_others,
        coalesce(first_columns.raw_name like '%\_masked', false) as is_subject_person,
        tables.letters,
        tables.cells,
        tables.fields,
        tables.merged_rows,
        tables.submission_id is not null as has_cells,
        evidence.is_hidden
    from {{ ref('indicator_evidence_row') }} as evidence
    left join {{ ref('stg_ops__submission') }} as submissions on evidence.submission_id = submissions.submission_id
    left join {{ ref('stg_ops__overridden_row') }} as overridden
        on
            evidence.submission_id = overridden.submission_id
            and evidence.sheet = overridden.sheet
            and evidence.row_number = overridden.row_number
    left join {{ ref('measure_column') }} as first_columns
        on
            evidence.measure_code = first_columns.measure_code
            and submissions.report = first_columns.report
            and first_columns.ordinal = 1
    left join {{ ref('stg_ops__document_table') }} as tables
        on
            evidence.submission_id = tables.submission_id
            and evidence.sheet = tables.sheet
            and evidence.row_number between tables.first_row and tables.last_row
    left join {{ ref('area_figure') }} as figures
        on
            evidence.submission_id is null
            and evidence.measure_code = figures.measure_code
            and split_part(evidence.subject, '|', 1) = figures.area_code
            and split_part(evidence.subject, '|', 2) = figures.as_of_date::text
) as evidence_rows
