with source as (

    select * from {{ source('ops', 'issue_state') }}

),

-- Raw tables hold personal columns as a keyed hash and a masked text.
personal_columns as (

    select
        columns.table_name as report,
        regexp_replace(columns.column_name, '_masked$', '') as column_name
    from information_schema.columns as columns
    where columns.table_schema = 'raw' and columns.column_name like '%\_masked'

),

renamed as (

    select
        source.issue_key,
        source.report,
        source.unit_code,
        source.period as period_code,
        source.rule,
        source.severity,
        source.state,
        source.is_open,
        source.age_days_count,
        source.opened_at,
        source.notified_at,
        source.corrected_at,
        source.closed_at,
        source.owner_role,
        source.sheet,
        source.row_number,
        source.column_name,
        source.cell,
        personal_columns.column_name is not null as is_personal,
        source.message_zh,
        source.message_en,
        source.last_submission_id
    from source
    left join personal_columns
        on source.report = personal_columns.report and source.column_name = personal_columns.column_name

)

select * from renamed
