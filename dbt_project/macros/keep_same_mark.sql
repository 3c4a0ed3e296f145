{# "Incremental by what changed": the other way of table_in_place to bring a table up to date. #}
{% macro keep_same_mark(target_relation, sql) %}
    {%- set has_periods = 'period_code' in get_column_schema_from_query(sql) | map(attribute='name') -%}
    delete from {{ target_relation }} as held
    where {{ 'true or' if flags.FULL_REFRESH }} not exists (
        select 1
        from {{ ref('measure_mark') }} as marks
        where marks.measure_code = held.measure_code and marks.mark = held.mark
    );
    insert into {{ target_relation }}
    select fresh.*
    from (
        {{ sql }}
    ) as fresh
    where
        {# An array, not a subquery: PostgreSQL then computes the query for these measures alone. #}
        fresh.measure_code = any(array(
            select distinct marks.measure_code
            from {{ ref('measure_mark') }} as marks
            {% if has_periods %}cross join {{ ref('dim_period') }} as periods{% endif %}
            where not exists (
                select 1
                from {{ target_relation }} as held
                where held.measure_code = marks.measure_code
                {% if has_periods %}and held.period_code = periods.period_code{% endif %}
            )
        ))
        {% if has_periods %}
        {# "not in" is hashed once. An anti-join looks each row up in the index, and reads all that was just deleted there. #}
        and (fresh.measure_code, fresh.period_code) not in (
            select
                held.measure_code,
                held.period_code
            from {{ target_relation }} as held
        )
        {% endif %}
{% endmacro %}

{# A hash over the SQL of the engine, so that values are made anew when a rule of the engine changed. A rule that stands in a macro
   would not be seen: the engine's models use none. #}
{% macro engine_mark() -%}
    {%- set parts = [] -%}
    {%- if execute -%}
        {%- for name in ['flow_increment', 'flow_value', 'stock_increment', 'stock_value', 'measure_value'] -%}
            {%- do parts.append(graph.nodes['model.huimin.' ~ name].raw_code) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ local_md5(parts | join('\n')) }}
{%- endmacro %}
