{# Views are replaced in place: readers never find one missing, and what is built on it stays.
   dbt's own way (build beside, rename, drop with cascade) would take away every dependent view until its turn comes.
   A view whose columns changed cannot be replaced in place; it is dropped with its dependents, which the same build remakes. #}
{% materialization view, adapter='postgres' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if existing is not none and not can_replace_in_place(existing, sql) -%}
        {% do adapter.drop_relation(existing) %}
    {%- endif -%}
    {% call statement('main') -%}
        create or replace view {{ target_relation }}
        {%- if config.get('contract').enforced %}
        {{ get_assert_columns_equivalent(sql) }}
        {%- endif %} as (
        {{ sql }}
        );
    {%- endcall %}
    {% do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=False)) %}
    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# PostgreSQL replaces a view in place when the old columns come first, with the same names and types. #}
{% macro can_replace_in_place(existing, sql) %}
    {%- if existing.type != 'view' -%}{{ return(false) }}{%- endif -%}
    {%- set before = adapter.get_columns_in_relation(existing) -%}
    {%- set after = get_column_schema_from_query(sql) -%}
    {%- if before | length > after | length -%}{{ return(false) }}{%- endif -%}
    {%- for column in before -%}
        {%- if column.name != after[loop.index0].name or column.data_type != after[loop.index0].data_type -%}
            {{ return(false) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(true) }}
{% endmacro %}
