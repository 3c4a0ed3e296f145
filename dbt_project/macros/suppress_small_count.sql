{# Numbers of people below 5, other than none at all, are not shown where they tell of health, minors or disability: in a small
   place they point to persons. Every table that leaves the house shows such a value through this macro; it is the whole rule. #}
{% macro suppress_small_count(value, is_sensitive) -%}
    (case when {{ is_sensitive }} and {{ value }} > 0 and {{ value }} < 5 then null else {{ value }} end)::numeric(20, 6)
{%- endmacro %}
