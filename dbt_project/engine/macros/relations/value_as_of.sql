{# Creates bi.indicator_value_as_of(timestamptz) over bi.indicator_value_version, for callers that hold a time and no columns to filter.
   Its body is a text, so that it stays when views are dropped and created again. It has the rights of its caller, and PostgreSQL
   plans it as part of the query: filters on indicator, area and period reach the tables. #}
{% macro create_value_as_of_function() -%}
    {%- set name = this.schema ~ '.indicator_value_as_of' -%}
    {%- set columns = 'indicator_code, area_code, period_code, value, ytd, to_date, numerator, denominator' -%}
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
        denominator numeric
    )
    language sql stable
    as $body$
        select {% for column in columns.split(', ') %}known.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
        from {{ this }} as known
        where known.known_from_at <= as_of and (known.known_until_at is null or known.known_until_at > as_of)
    $body$;
    comment on function {{ name }} (timestamptz) is
        '截至该时刻所知的全部数值。All values as they were known at a time.';
    revoke all on function {{ name }} (timestamptz) from public;
    grant execute on function {{ name }} (timestamptz) to bi_reader
{%- endmacro %}
