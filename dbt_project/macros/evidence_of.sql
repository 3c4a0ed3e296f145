{# All rows of the evidence models of these reports: the one grain that all indicators have. #}
{% macro evidence_of(reports) -%}
    {%- for name in reports %}
    select
        indicator_code,
        area_code,
        event_date,
        end_date,
        quantity,
        subject_key,
        submission_id,
        sheet,
        row_number
    from {{ ref('evidence_' ~ name) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
