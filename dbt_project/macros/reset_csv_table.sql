{# A seed is emptied and refilled in one transaction, without being dropped or locked against readers; dbt's own way truncates.
   When the file has gained, lost or renamed a column, the table is dropped with what is built on it, and made anew. #}
{% macro postgres__reset_csv_table(model, full_refresh, old_relation, agate_table) %}
    {%- set before = adapter.get_columns_in_relation(old_relation) | map(attribute='name') | list -%}
    {%- if before != agate_table.column_names | list -%}
        {{ adapter.drop_relation(old_relation) }}
        {{ return(create_csv_table(model, agate_table)) }}
    {%- endif -%}
    {%- set emptied = 'delete from ' ~ old_relation.render() -%}
    {% call statement('_') -%}{{ emptied }}{%- endcall %}
    {{ return(emptied) }}
{% endmacro %}
