{# A table that is brought up to date in one transaction, without being dropped: readers see the old rows or the new ones,
   views and grants on it stay, and rows that are still right are not touched.

   keep='same_rows': the query is run whole; rows that it no longer gives are deleted, rows that are new are inserted.
   keep='same_mark': rows of a measure stay while the measure's mark is the same (see measure_mark); the query is run for the
   others only. With a column period_code, measures that have nothing yet for a new period get those rows added.

   A table whose columns changed, or a view of its name, is dropped with what is built on it and made anew; the same build makes the rest again.
   --full-refresh empties and refills it in the one transaction. #}
{% materialization table_in_place, adapter='postgres' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {# The defaults of PostgreSQL are for many small queries; these are few and large. #}
    {% call statement('settings') -%}
        set local work_mem = '64MB';
        set local jit = off;
        {# A statement ends when dbt was killed, instead of holding its locks until it is done. #}
        set local client_connection_check_interval = '2s'
    {%- endcall %}
    {%- if existing is not none and (existing.type != 'table' or not has_same_columns(existing, sql)) -%}
        {% do adapter.drop_relation(existing) %}
        {%- set existing = none -%}
    {%- endif -%}
    {%- if existing is none -%}
        {% call statement('main') -%}
            {{ get_create_table_as_sql(False, target_relation, sql) }}
        {%- endcall %}
        {% do create_indexes(target_relation) %}
    {%- else -%}
        {# Two builds at once wait for each other here; readers do not. #}
        {% call statement('lock') -%}
            lock table {{ target_relation }} in share row exclusive mode
        {%- endcall %}
        {% call statement('main') -%}
            {%- if config.get('keep') == 'same_mark' -%}
                {{ keep_same_mark(target_relation, sql) }}
            {%- else -%}
                {{ keep_same_rows(target_relation, sql) }}
            {%- endif -%}
        {%- endcall %}
    {%- endif -%}
    {% call statement('analyze') -%}
        analyze {{ target_relation }}
    {%- endcall %}
    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# One statement, one snapshot: a load that commits meanwhile is seen by all of it or by nothing.
   Whole rows are compared, nulls being equal; the table's row stands on the left, because PostgreSQL can hash only a row
   whose type has a name. #}
{% macro keep_same_rows(target_relation, sql) %}
    with fresh as materialized (
        {{ sql }}
    ),
    gone as (
        delete from {{ target_relation }} as held
        where {{ 'true or' if flags.FULL_REFRESH }} not exists (select 1 from fresh where held = fresh)
    )
    insert into {{ target_relation }}
    select fresh.* from fresh
    where {{ 'true or' if flags.FULL_REFRESH }} not exists (select 1 from {{ target_relation }} as held where held = fresh)
{% endmacro %}

{% macro has_same_columns(existing, sql) %}
    {%- set before = get_column_schema_from_query('select * from ' ~ existing) -%}
    {%- set after = get_column_schema_from_query(sql) -%}
    {%- if before | length != after | length -%}{{ return(false) }}{%- endif -%}
    {%- for column in before -%}
        {%- if column.name != after[loop.index0].name or column.data_type != after[loop.index0].data_type -%}
            {{ return(false) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(true) }}
{% endmacro %}
