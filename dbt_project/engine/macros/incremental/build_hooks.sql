{# Pre-hook of incremental models. PostgreSQL's defaults are for many small queries; these are few and large. A statement ends when its
   client was killed, instead of keeping its locks until it is done. Two builds wait for each other at the lock; readers do not. #}
{% macro prepare_incremental_build() %}
    {%- if model.config.materialized == 'incremental' -%}
        {%- set stored = load_cached_relation(this) -%}
        set local work_mem = '64MB';
        set local jit = off;
        set local client_connection_check_interval = '2s';
        {% if stored is not none and stored.is_table -%}
            lock table {{ this }} in share row exclusive mode
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

{# Post-hook of incremental models: dbt analyzes no table. #}
{% macro analyze_incremental() %}
    {%- if model.config.materialized == 'incremental' -%}
        analyze {{ this }}
    {%- endif -%}
{% endmacro %}

{# dbt drops a column without cascade, which fails while a view reads it. The views that go with it are created again later in the
   same build, because they are built on this table. #}
{% macro postgres__alter_relation_add_remove_columns(relation, add_columns, remove_columns) %}
    {%- set changes = [] -%}
    {%- for column in add_columns or [] -%}
        {%- do changes.append('add column ' ~ column.quoted ~ ' ' ~ column.expanded_data_type) -%}
    {%- endfor -%}
    {%- for column in remove_columns or [] -%}
        {%- do changes.append('drop column ' ~ column.quoted ~ ' cascade') -%}
    {%- endfor -%}
    {%- do run_query('alter table ' ~ relation ~ ' ' ~ changes | join(', ')) -%}
{% endmacro %}
