{# Replaces views in place: readers never find one missing, and the views on it stay. dbt's own materialization creates a new view,
   renames it and drops the old one with cascade, so that every dependent view is missing until its turn comes (docs/adr/0014).
   PostgreSQL does not drop or retype columns of a view in place: then the view is dropped with its dependents, which the same build
   creates again. #}
{% materialization view, adapter='postgres' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if existing is not none and existing.type != 'view' -%}
        {% do adapter.drop_relation(existing) %}
    {%- endif -%}
    {%- if config.get('contract').enforced -%}
        {% do get_assert_columns_equivalent(sql) %}
    {%- endif -%}
    {% call statement('main') -%}
        {{ replace_view(target_relation, sql) }}
    {%- endcall %}
    {% do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=False)) %}
    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{# Replaces a view in place; drops it first where its columns have other names or types. #}
{% macro replace_view(relation, sql, options='') -%}
    do $build$
    begin
        create or replace view {{ relation }} {{ options }} as (
        {{ sql }}
        );
    exception when invalid_table_definition then
        drop view {{ relation }} cascade;
        create view {{ relation }} {{ options }} as (
        {{ sql }}
        );
    end
    $build$
{%- endmacro %}
