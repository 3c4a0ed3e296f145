{# The evidence for one indicator or measure: which rows of a relation speak for it, when, where, of whom and how much.
   Each argument is a column or an expression over the relation's columns. For a stock, event_date and end_date say from which
   day on and until which day, not included, the subject is there. The relation has the lineage columns of staging. #}
{% macro speaks_for(
    indicator_code, relation, event_date, subject_key, end_date='null', quantity='1', area_code='area_code', where='true'
) -%}
    select
        '{{ indicator_code }}' as indicator_code,
        {{ area_code }} as area_code,
        ({{ event_date }})::date as event_date,
        ({{ end_date }})::date as end_date,
        ({{ quantity }})::numeric as quantity,
        ({{ subject_key }})::text as subject_key,
        submission_id,
        sheet,
        row_number
    from {{ relation }}
    where {{ where }}
{%- endmacro %}
