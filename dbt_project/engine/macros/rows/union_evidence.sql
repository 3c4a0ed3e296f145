{# Unions the models in the folders below models/evidence: one grain for all indicators.
   scope: by model, true for all its rows, or the submissions of which its rows are selected; models that are not in it are left out. #}
{% macro union_evidence(scope, build_number) -%}
    {%- set names = evidence_models() -%}
    {%- for name in names if name in scope %}
    select
        indicator_code,
        area_code,
        event_date,
        end_date,
        quantity,
        subject_key,
        submission_id,
        sheet,
        row_number,
        '{{ name }}' as model_name,
        {{ build_number }}::bigint as since_build
    from {{ ref(name) }}
    {%- if scope[name] is not sameas true %}
    where {{ is_of_submissions(scope[name]) }}
    {%- endif %}
    union all
    {%- endfor %}
    select
        null::text as indicator_code,
        null::text as area_code,
        null::date as event_date,
        null::date as end_date,
        null::numeric as quantity,
        null::text as subject_key,
        null::bigint as submission_id,
        null::text as sheet,
        null::integer as row_number,
        null::text as model_name,
        null::bigint as since_build
    where false
{%- endmacro %}

{# Returns the names of the evidence models.
   A ref must be known when dbt parses, and dbt has its graph only when it runs. So whoever starts dbt lists the files, as part of
   the connection's environment (dbt_environment in loaders/dbt/runner.py), and a new report needs no line here (docs/adr/0017). #}
{% macro evidence_models() %}
    {%- set names = env_var('HUIMIN_DBT_EVIDENCE', '').split() -%}
    {%- if execute and not names -%}
        {{ exceptions.raise_compiler_error('HUIMIN_DBT_EVIDENCE is empty: start dbt by `huimin build`, or list the models in it (docs/adr/0017)') }}
    {%- endif -%}
    {{ return(names) }}
{% endmacro %}

{# Condition: a row came with one of these submissions. A constant, which PostgreSQL pushes into views. #}
{% macro is_of_submissions(ids) -%}
    submission_id = any('{ {{- ids | join(',') -}} }'::bigint[])
{%- endmacro %}
