{# Post-hook of the models in bi: the same table for other readers, in the transaction that creates it (docs/adr/0034).
   bi_county: the rows of the areas of the reader's county roles, behind a barrier: no function or operator of a query sees the others.
   bi_zh, bi_county_zh: both with Chinese names of columns (docs/bi.md). #}
{% macro create_reader_views() -%}
    {%- set readable = 'any(array(select readable.area_code from ' ~ ref('reader_area') ~ ' as readable))' -%}
    {%- if execute -%}
        {%- set county = of_county(this) -%}
        {%- set scoped = 'select * from ' ~ this ~ ' where ' ~ row_scope(readable) -%}
        {{ replace_view(county, scoped, 'with (security_barrier)') }};
        {{ comments_of_view(county, {}) }}
        {%- for source in (this, county) -%}
            {%- set chinese = api.Relation.create(schema=source.schema ~ '_zh', identifier=this.identifier) -%}
            {{ replace_view(chinese, with_chinese_columns(source)) }};
            {{ comments_of_view(chinese, chinese_names()) }}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}


{# The relation of the same table for readers of a county. #}
{% macro of_county(relation) %}
    {{ return(api.Relation.create(schema=relation.schema ~ '_county', identifier=relation.identifier)) }}
{% endmacro %}


{# Condition on a row of the model: the reader may see it. By the first column of these that the model has, or the row_scope of its
   description: an expression for the code of the row's area, `everyone` for what concerns no area, or `city` for the city alone. #}
{% macro row_scope(readable) -%}
    {%- set found = ['area_code', 'town_code', 'unit_code'] | select('in', model.columns.keys() | list) | list -%}
    {%- set scope = model.config.meta.get('row_scope', found | first) -%}
    {%- if not scope -%}
        {{ exceptions.raise_compiler_error('bi.' ~ model.name ~ ': whose rows are these? Set row_scope in its description (docs/adr/0034)') }}
    {%- endif -%}
    {{ {'everyone': 'true', 'city': 'false'}.get(scope, scope ~ ' = ' ~ readable) }}
{%- endmacro %}


{# Selects all columns under their Chinese names. #}
{% macro with_chinese_columns(relation) -%}
    select
    {%- for column, name in chinese_names().items() %}
        {{ column }} as "{{ name }}"{{ ',' if not loop.last }}
    {%- endfor %}
    from {{ relation }}
{%- endmacro %}


{# Returns the Chinese name of each column: how its description begins, up to the first mark, without what is in brackets. A column
   whose description begins otherwise keeps its own name. #}
{% macro chinese_names() -%}
    {%- set names = {} -%}
    {%- for column in model.columns.values() -%}
        {%- set plain = modules.re.sub('（[^）]*）', '', column.description) -%}
        {%- set name = modules.re.split('[。，：；、＝]', plain)[0] -%}
        {%- set is_name = modules.re.fullmatch('[0-9A-Za-z“”\u4e00-\u9fff]{1,20}', name) and name not in names.values() -%}
        {%- do names.update({column.name: name if is_name else column.name}) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}


{# Comments on a view and its columns as the model has them; `names` are its columns' other names. #}
{% macro comments_of_view(relation, names) -%}
    comment on view {{ relation }} is {{ quoted_text(model.description) }};
    {%- for column in model.columns.values() %}
    comment on column {{ relation }}."{{ names.get(column.name, column.name) }}" is {{ quoted_text(column.description) }};
    {%- endfor %}
{%- endmacro %}

{% macro quoted_text(text) -%}
    '{{ text | replace("'", "''") }}'
{%- endmacro %}
