{# Creates indicator_value_as_of(timestamptz) over indicator_value_version, for callers that hold a time and no columns to filter: in
   bi, and in bi_county for readers of a county. #}
{% macro create_value_as_of_function() -%}
    {%- for versions in (this, of_county(this)) -%}
        {%- set body -%}
            select {{ as_of_columns('known') }}
            from {{ versions }} as known
            where {{ is_known_at('known') }}
        {%- endset -%}
        {{ create_as_of_function(
            versions.schema, 'indicator_value_as_of', body, '截至该时刻所知的全部数值。All values as they were known at a time.'
        ) }};
    {% endfor -%}
{%- endmacro %}

{# The same under the hierarchy of its time: of an area that never had other parts, the values of today's hierarchy. #}
{% macro create_value_then_as_of_function() -%}
    {%- set today = ref('indicator_value_version') -%}
    {%- for changed_versions, versions in ((this, today), (of_county(this), of_county(today))) -%}
        {%- set body -%}
            select {{ as_of_columns('known') }}
            from {{ changed_versions }} as known
            where {{ is_known_at('known') }}
            union all
            select {{ as_of_columns('known') }}
            from {{ versions }} as known
            where {{ is_known_at('known') }} and not exists (
                select 1
                from {{ changed_versions }} as changed
                where
                    {{ is_known_at('changed') }}
                    and changed.indicator_code = known.indicator_code
                    and changed.area_code = known.area_code
                    and changed.period_code = known.period_code
            )
        {%- endset -%}
        {{ create_as_of_function(
            versions.schema, 'indicator_value_then_as_of', body,
            '截至该时刻所知的全部数值，按当时的区划。All values under the hierarchy of their time, as they were known at a time.'
        ) }};
    {% endfor -%}
{%- endmacro %}

{# A function of a time. Its body is a text, so that it stays when views are dropped and created again. It has the rights of its
   caller, and PostgreSQL plans it as part of the query: filters on indicator, area and period reach the tables. #}
{% macro create_as_of_function(schema, function_name, body, comment) -%}
    {%- set name = schema ~ '.' ~ function_name -%}
    drop function if exists {{ name }} (timestamptz);
    create function {{ name }} (as_of timestamptz)
    returns table (
        indicator_code text,
        area_code text,
        period_code text,
        value numeric,
        ytd numeric,
        to_date numeric,
        numerator numeric,
        denominator numeric,
        suppression text
    )
    language sql stable
    as $body$
        {{ body }}
    $body$;
    comment on function {{ name }} (timestamptz) is '{{ comment }}';
    revoke all on function {{ name }} (timestamptz) from public;
    grant execute on function {{ name }} (timestamptz) to {{ 'bi_reader' if schema == 'bi' else schema }}
{%- endmacro %}

{% macro as_of_columns(alias) -%}
    {%- for column in ['indicator_code', 'area_code', 'period_code', 'value', 'ytd', 'to_date', 'numerator', 'denominator', 'suppression'] -%}
        {{ alias }}.{{ column }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro is_known_at(alias) -%}
    ({{ alias }}.known_from_at <= as_of and ({{ alias }}.known_until_at is null or {{ alias }}.known_until_at > as_of))
{%- endmacro %}
