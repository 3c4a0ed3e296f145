{# The code of 芦洲镇, where the city's task force is. #}
{% macro task_force_town() -%}
    441302112
{%- endmacro %}
