{# Selects what registered organizations contributed to the programme from one relation: dates, area, subject and quantity.
   Each argument is a column or an expression. The relation has the lineage columns of staging. #}
{% macro participation_row(
    kind, relation, event_date, subject_key, uscc='uscc', end_date='null', quantity='1', area_code='area_code', where='true'
) -%}
    select
        {{ uscc }} as uscc,
        '{{ kind }}' as participation_kind,
        ({{ event_date }})::date as event_date,
        ({{ end_date }})::date as end_date,
        {{ area_code }} as area_code,
        ({{ subject_key }})::text as subject_key,
        ({{ quantity }})::numeric as quantity,
        submission_id,
        sheet,
        row_number
    from {{ relation }}
    where {{ uscc }} is not null and {{ where }}
{%- endmacro %}
