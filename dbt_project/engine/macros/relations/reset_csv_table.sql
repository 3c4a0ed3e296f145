{# Empties and refills a seed in one transaction. dbt truncates, which locks readers out. A seed whose columns changed is dropped with
   the views on it and created again (docs/adr/0014). #}
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
