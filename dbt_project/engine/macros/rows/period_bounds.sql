{# The first and the last day of a period, by its code: 2023-06, 2023Q2, 2023H1, 2023. For periods that dim_period has no more. #}
{% macro period_length_months(period_code) -%}
    (case substr({{ period_code }}, 5, 1) when '-' then 1 when 'Q' then 3 when 'H' then 6 else 12 end)
{%- endmacro %}

{% macro period_start_date(period_code) -%}
    make_date(
        left({{ period_code }}, 4)::integer,
        1 + (coalesce(nullif(substr({{ period_code }}, 6), ''), '1')::integer - 1) * {{ period_length_months(period_code) }},
        1
    )
{%- endmacro %}

{% macro period_end_date(period_code) -%}
    (
        {{ period_start_date(period_code) }}
        + {{ period_length_months(period_code) }} * interval '1 month' - interval '1 day'
    )::date
{%- endmacro %}
