{# Selects the rows of a relation that are evidence of one indicator or measure: date, area, subject and quantity.
   Each argument is a column or an expression over the relation's columns. For a stock, the subject is present from event_date
   until end_date, exclusive. The relation has the lineage columns of staging. #}
{% macro evidence_row(
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
