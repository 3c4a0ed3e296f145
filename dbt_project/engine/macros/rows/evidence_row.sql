{# Selects the rows of a relation that are evidence of one indicator or measure: date, area, subject and quantity.
   Each argument is a column or an expression over the relation's columns. For a stock, the subject is present from event_date
   until end_date, exclusive. The relation has the lineage columns of staging.
   columns: the columns of the report, as staging names them, in whose cells the quantity stands. Without it these are the
   quantity or, where each row counts as one, the subject (measure_columns). #}
{% macro evidence_row(
    indicator_code, relation, event_date, subject_key, end_date='null', quantity='1', area_code='area_code', where='true', columns=[]
) -%}
    {%- set source = {'quantity': quantity, 'subject_key': subject_key, 'columns': columns} -%}
    {%- do config(meta={'measure ' ~ indicator_code: source}) -%}
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
