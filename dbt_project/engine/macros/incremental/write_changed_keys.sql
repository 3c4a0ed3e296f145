{# Incremental strategy: the query returns rows by `unique_key`; rows that differ from the stored ones are replaced, rows that are equal
   are not written. since_build says which build wrote a row, and is not compared.

   A row without amounts (the columns `amounts`) only takes the stored one away, unless `keeps_empty`. The query returns all rows that
   may differ; `scope` (or, in a whole build, everything) are the stored rows that go when the query does not return them.
   `history`: the table that gets what is replaced or gone, with until_build. #}
{% macro get_incremental_write_changed_keys_sql(arg_dict) %}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set temporary = arg_dict['temp_relation'] -%}
    {%- set horizon = build_horizon() -%}
    {%- set keys = arg_dict['unique_key'] -%}
    {%- set keys = [keys] if keys is string else keys -%}
    {%- set columns = adapter.get_columns_in_relation(target) | map(attribute='name') | list -%}
    {%- set compared = columns | reject('in', keys + ['since_build']) | list -%}
    {%- set same_key -%}
        {% for key in keys %}stored.{{ key }} = fresh.{{ key }}{% if not loop.last %} and {% endif %}{% endfor %}
    {%- endset -%}
    {%- set scope = config.get('meta', {}).get('scope') -%}
    {%- set is_gone -%}
        {%- if horizon.is_whole -%} true
        {%- elif scope == 'series' -%} {{ is_of_series(touched_series(horizon), 'stored.' ~ keys[0], 'stored.area_code') }}
        {%- elif scope == 'siblings' -%} {{ is_of_series(touched_sibling_series(horizon), 'stored.' ~ keys[0], 'stored.area_code') }}
        {%- elif scope == 'table' -%} true
        {%- else -%} false
        {%- endif -%}
    {%- endset -%}
    {#- Two joins, not one condition with "or": PostgreSQL would look at all fresh rows for each stored one. -#}
    {%- set outdated -%}
        stored.ctid = any(array(
            select stored.ctid
            from {{ target }} as stored
            inner join {{ temporary }} as fresh on {{ same_key }}
            where (stored.{{ compared | join(', stored.') }}) is distinct from (fresh.{{ compared | join(', fresh.') }})

            union all

            select stored.ctid
            from {{ target }} as stored
            where {{ is_gone }} and not exists (select 1 from {{ temporary }} as fresh where {{ same_key }})
        ))
    {%- endset -%}
    analyze {{ temporary }};
    {%- if config.get('meta', {}).get('history') -%}
    with outdated as (
        delete from {{ target }} as stored where {{ outdated }} returning stored.*
    )

    insert into {{ ref(config.get('meta').history) }} ({{ columns | join(', ') }}, until_build)
    select {{ columns | join(', ') }}, {{ horizon.number }} from outdated where since_build < {{ horizon.number }};
    {%- else -%}
    delete from {{ target }} as stored where {{ outdated }};
    {%- endif %}
    insert into {{ target }} ({{ columns | join(', ') }})
    select {{ columns | join(', ') }}
    from {{ temporary }} as fresh
    where
        not exists (select 1 from {{ target }} as stored where {{ same_key }})
        {%- if config.get('meta', {}).get('amounts') %}
        and num_nonnulls({{ config.get('meta').amounts | join(', ') }}) > 0
        {%- endif %}
{% endmacro %}
