{# Incremental strategy: the query is run whole; rows that it no longer returns are deleted, rows that are new are inserted, and rows
   that did not change are not written. --full-refresh writes all rows again, in the same transaction.

   Whole rows are compared, and nulls are equal. The stored row is on the left: PostgreSQL can hash only rows of a named type. #}
{% macro get_incremental_replace_changed_rows_sql(arg_dict) %}
    {%- set target_relation = arg_dict['target_relation'] -%}
    {%- set columns = stored_columns(target_relation) -%}
    delete from {{ target_relation }} as stored
    where {{ 'true or' if flags.FULL_REFRESH }} not exists (
        select 1
        from (select {{ columns }} from {{ arg_dict['temp_relation'] }}) as fresh
        where stored = fresh
    );
    insert into {{ target_relation }} ({{ columns }})
    select {{ columns }}
    from (select {{ columns }} from {{ arg_dict['temp_relation'] }}) as fresh
    where not exists (select 1 from {{ target_relation }} as stored where stored = fresh)
{% endmacro %}

{# The columns of a table in the order in which its rows hold them. #}
{% macro stored_columns(relation) -%}
    {{ get_quoted_csv(adapter.get_columns_in_relation(relation) | map(attribute='name') | list) }}
{%- endmacro %}
