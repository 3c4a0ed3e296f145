with source as (

    select * from {{ source('ops', 'issue_state') }}

),

-- Raw tables hold personal columns as a keyed hash and a masked text. Not from information_schema: who reads through a view sees
-- only the columns there that are his own to read.
personal_columns as (

    select
        tables.relname as report,
        regexp_replace(columns.attname, '_masked$', '') as column_name
    from pg_catalog.pg_attribute as columns
    inner join pg_catalog.pg_class as tables on columns.attrelid = tables.oid
    inner join pg_catalog.pg_namespace as schemas on tables.relnamespace = schemas.oid
    where schemas.nspname = 'raw' and columns.attname like '%\_masked' and not columns.attisdropped

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
        source.fix_by_date,
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
