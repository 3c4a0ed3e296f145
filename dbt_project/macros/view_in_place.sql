{# Views are replaced in place: readers never find one missing, and what is built on it stays.
   dbt's own way (build beside, rename, drop with cascade) takes away every dependent view until its turn comes.
   PostgreSQL refuses to take columns away from a view or to change their types; then the view is dropped with its dependents,
   which the same build makes again. #}
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
        do $build$
        begin
            create or replace view {{ target_relation }} as (
            {{ sql }}
            );
        exception when invalid_table_definition then
            drop view {{ target_relation }} cascade;
            create view {{ target_relation }} as (
            {{ sql }}
            );
        end
        $build$
    {%- endcall %}
    {% do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=False)) %}
    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
