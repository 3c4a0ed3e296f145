{# What organisations did for the programme, from a relation that knows who did it: when, until when (what lasts), where, which thing,
   and how much of it. Each argument is a column or an expression. The relation has the lineage columns of staging. #}
{% macro took_part(
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
