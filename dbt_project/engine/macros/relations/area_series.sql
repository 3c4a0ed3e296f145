{# Names of the series of values in `indicators`: the code of an area under today's hierarchy, and with a mark under that of its time. #}

{# The series of an area under the hierarchy of its time, where it has one of its own. #}
{% macro then_series(area_code) -%}
    ({{ area_code }} || '@then')
{%- endmacro %}

{# Condition: a series is one under the hierarchy of its time. #}
{% macro is_then_series(series_code) -%}
    {{ series_code }} like '%@then'
{%- endmacro %}

{# The area of such a series. #}
{% macro area_of_then_series(series_code) -%}
    left({{ series_code }}, -5)
{%- endmacro %}
