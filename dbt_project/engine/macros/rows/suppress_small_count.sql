{# Suppresses numbers of people from 1 to 4 where they concern health, minors or disability: in a small place they identify
   persons. Every model in bi shows such a value through this macro; it is the whole rule. #}
{% macro suppress_small_count(value, is_sensitive) -%}
    (case when {{ is_sensitive }} and {{ value }} > 0 and {{ value }} < 5 then null else {{ value }} end)::numeric(20, 6)
{%- endmacro %}
