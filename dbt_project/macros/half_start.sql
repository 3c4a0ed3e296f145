{# The first day of the half-year of a day, which PostgreSQL does not know. #}
{% macro half_start(day) -%}
    date_trunc('year', {{ day }}) + case when extract(month from {{ day }}) > 6 then interval '6 months' else interval '0' end
{%- endmacro %}
