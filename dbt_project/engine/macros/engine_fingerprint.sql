{# A hash over the SQL that values are computed with, so that all values are computed again when it changes. It covers the models
   between measure_fingerprint and indicator_month in dbt's graph, the models that these read, and every macro of this project that
   any of them calls. dbt has the graph only while it runs, not while it parses. #}
{% macro engine_fingerprint() -%}
    {{ models_fingerprint(engine_nodes()) if execute }}
{%- endmacro %}

{# A hash over the SQL of these nodes, and over every macro of this project that they call. #}
{% macro models_fingerprint(unique_ids) -%}
    {%- set parts = [] -%}
    {%- set macros = [] -%}
    {%- for unique_id in unique_ids | unique | sort if unique_id in graph.nodes -%}
        {%- do parts.append(graph.nodes[unique_id].raw_code) -%}
        {%- do collect_macros(graph.nodes[unique_id].depends_on.macros, macros) -%}
    {%- endfor -%}
    {%- for name in macros | sort -%}
        {%- do parts.append(context[name].macro.macro_sql) -%}
    {%- endfor -%}
    {{ local_md5(parts | join('\n')) }}
{%- endmacro %}

{# The same over one model and all that it is made of. #}
{% macro model_fingerprint(name) -%}
    {%- if execute -%}
        {%- set unique_id = 'model.' ~ project_name ~ '.' ~ name -%}
        {{ models_fingerprint([unique_id] + node_ancestors(unique_id)) }}
    {%- endif -%}
{%- endmacro %}

{% macro engine_nodes() %}
    {%- set first = 'model.' ~ project_name ~ '.measure_fingerprint' -%}
    {%- set last = 'model.' ~ project_name ~ '.indicator_month' -%}
    {%- set engine = [] -%}
    {%- set inputs = [] -%}
    {%- for unique_id in [last] + node_ancestors(last) -%}
        {%- if first in node_ancestors(unique_id) -%}
            {%- do engine.append(unique_id) -%}
            {%- do inputs.extend(graph.nodes[unique_id].depends_on.nodes) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return((engine + inputs) | unique | list) }}
{% endmacro %}

{% macro node_ancestors(unique_id) %}
    {%- set found = [] -%}
    {%- do collect_ancestors(unique_id, found) -%}
    {{ return(found) }}
{% endmacro %}

{% macro collect_ancestors(unique_id, found) %}
    {%- for parent in graph.nodes[unique_id].depends_on.nodes -%}
        {%- if parent in graph.nodes and parent not in found -%}
            {%- do found.append(parent) -%}
            {%- do collect_ancestors(parent, found) -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}

{# Adds the names of this project's macros among `unique_ids`, and of those that they call. #}
{% macro collect_macros(unique_ids, found) %}
    {%- for unique_id in unique_ids -%}
        {%- set package, name = unique_id.split('.')[1:3] -%}
        {%- if package == project_name and name not in found -%}
            {%- do found.append(name) -%}
            {%- do collect_macros(context[name].macro.depends_on.macros, found) -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}
