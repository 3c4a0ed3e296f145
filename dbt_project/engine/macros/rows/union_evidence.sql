{# Unions the models in the folders below models/evidence: one grain for all indicators.
   A ref must be known when dbt parses, and dbt has its graph only when it runs. So whoever starts dbt lists the files, as part of
   the connection's environment (dbt_environment in loaders/dbt/runner.py), and a new report needs no line here (docs/adr/0017). #}
{% macro union_evidence() -%}
    {%- set names = env_var('HUIMIN_DBT_EVIDENCE', '').split() -%}
    {%- if execute and not names -%}
        {{ exceptions.raise_compiler_error('HUIMIN_DBT_EVIDENCE is empty: start dbt by `huimin build`, or list the models in it (docs/adr/0017)') }}
    {%- endif -%}
    {%- for name in names %}
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
    from {{ ref(name) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
