{# What the fingerprints of evidence models are made of, by dbt's graph: empty while dbt parses, when it has none. #}

{# Selects which tables of dbt each evidence model looks into. #}
{% macro inputs_of_evidence(names) -%}
    {%- for name in names -%}
    {%- for table in stored_ancestors(name) %}
    select '{{ name }}' as model_name, '{{ table }}' as table_name
    union all
    {%- endfor %}
    {%- endfor %}
    select null as model_name, null as table_name
{%- endmacro %}

{# Selects a hash over the rows of each of these tables, whatever their order. #}
{% macro digests_of_inputs(names) -%}
    {%- set tables = [] -%}
    {%- for name in names -%}
        {%- do tables.extend(stored_ancestors(name)) -%}
    {%- endfor -%}
    {%- for table in tables | unique | sort %}
    select '{{ table }}' as table_name, concat_ws(':', count(*), sum(hashtextextended(stored::text, 0))) as digest
    from {{ table }} as stored
    union all
    {%- endfor %}
    select null as table_name, null as digest
{%- endmacro %}

{# Selects a hash over the SQL of each evidence model, of what it is made of, and of the macros called. #}
{% macro hashes_of_models(names) -%}
    {%- for name in names %}
    select '{{ name }}' as model_name, '{{ model_fingerprint(name) }}' as sql_hash
    union all
    {%- endfor %}
    select null as model_name, null as sql_hash where false
{%- endmacro %}
