{# Selects the levels of areas with their rank, and whether indicator values are made for their areas. #}
{% macro area_levels() -%}
    select
        level,
        level_rank,
        level in ('city', 'county', 'zone', 'town') as has_values
    from (
        values ('province', 0), ('city', 1), ('county', 2), ('zone', 3), ('town', 4), ('village', 5)
    ) as ranked (level, level_rank)
{%- endmacro %}
