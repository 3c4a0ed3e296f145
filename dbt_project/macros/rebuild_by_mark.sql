{# Rows of a measure stay while the measure's mark (core of "incremental by what changed", see measure_mark) is the same. #}

{# Before the insert: take away every row whose mark is no longer the measure's. In the insert's own transaction. #}
{% macro remove_changed_measures() %}
    {%- if is_incremental() -%}
        delete from {{ this }} as held
        where not exists (
            select 1
            from {{ ref('measure_mark') }} as marks
            where marks.measure_code = held.measure_code and marks.mark = held.mark
        )
    {%- endif -%}
{% endmacro %}

{# In the insert: the condition that a measure has no rows yet. #}
{% macro measure_has_no_rows(measure_code) -%}
    {%- if is_incremental() -%}
        not exists (select 1 from {{ this }} as held where held.measure_code = {{ measure_code }})
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{# Empties a table that is written anew by each build, in the insert's own transaction and without dropping what is built on it. #}
{% macro remove_all_rows() %}
    {%- if is_incremental() -%}
        delete from {{ this }}
    {%- endif -%}
{% endmacro %}

{# A hash over the SQL of the engine, so that values are made anew when a rule of the engine changed. #}
{% macro engine_mark() -%}
    {%- set parts = [] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() | sort(attribute='name') if node.resource_type == 'model' and node.schema == 'indicators' -%}
            {%- do parts.append(node.raw_code) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ local_md5(parts | join('\n')) }}
{%- endmacro %}
