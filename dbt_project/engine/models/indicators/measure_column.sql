{{ config(
    materialized='incremental',
    incremental_strategy='replace_changed_rows',
    indexes=[{'columns': ['measure_code', 'report']}]
) }}

{%- set rows = measure_columns() -%}
select
    measure_code,
    report,
    ordinal,
    column_name,
    raw_name,
    count(*) over (partition by measure_code, report) > 1 as has_others
from (
    values
    {% for row in rows -%}
    ('{{ row.measure_code }}', '{{ row.report }}', {{ row.ordinal }}, '{{ row.column_name }}', '{{ row.raw_name }}'),
    {% endfor -%}
    (null::text, null::text, null::integer, null::text, null::text)
) as listed (measure_code, report, ordinal, column_name, raw_name)
where measure_code is not null
