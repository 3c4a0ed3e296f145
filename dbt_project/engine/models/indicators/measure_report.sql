{{ config(materialized='incremental', incremental_strategy='replace_changed_rows') }}

{%- set rows = measure_reports() -%}
with listed as (

    select *
    from (
        values
        {% for row in rows -%}
        ('{{ row.measure_code }}', '{{ row.report }}'),
        {% endfor -%}
        (null::text, null::text)
    ) as listed (measure_code, report)
    where measure_code is not null

)

select
    listed.measure_code,
    listed.report,
    coalesce(bool_or(measures.is_sensitive) over (partition by listed.report), false) as is_report_sensitive
from listed
left join {{ ref('measure') }} as measures on listed.measure_code = measures.measure_code
