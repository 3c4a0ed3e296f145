{# Incremental strategy of evidence: within the scope of the build, rows that no longer hold move to superseded_evidence, new rows are
   inserted, and rows that did not change are not written. All compared values are made not null, because PostgreSQL hashes only
   plain equality. #}
{% macro get_incremental_write_evidence_sql(arg_dict) %}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set temporary = arg_dict['temp_relation'] -%}
    {%- set horizon = build_horizon() -%}
    {%- set columns = adapter.get_columns_in_relation(target) | map(attribute='name') | join(', ') -%}
    {%- set same_row -%}
        stored.model_name = fresh.model_name
        and stored.indicator_code = fresh.indicator_code
        and stored.subject_key = fresh.subject_key
        and stored.event_date = fresh.event_date
        and stored.area_code = fresh.area_code
        and stored.quantity = fresh.quantity
        and coalesce(stored.end_date, 'infinity') = coalesce(fresh.end_date, 'infinity')
        and coalesce(stored.submission_id, 0) = coalesce(fresh.submission_id, 0)
        and coalesce(stored.sheet, '') = coalesce(fresh.sheet, '')
        and coalesce(stored.row_number, 0) = coalesce(fresh.row_number, 0)
    {%- endset -%}
    analyze {{ temporary }};
    with outdated as (
        delete from {{ target }} as stored
        where {{ is_in_evidence_scope(evidence_scope(is_stored=true)) }}
            and not exists (select 1 from {{ temporary }} as fresh where {{ same_row }})
        returning stored.*
    )

    insert into {{ ref('superseded_evidence') }} ({{ columns }}, until_build)
    select {{ columns }}, {{ horizon.number }} from outdated where since_build is not null;

    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ temporary }} as fresh
    where not exists (select 1 from {{ target }} as stored where {{ same_row }})
{% endmacro %}

{# Condition: a stored row is of the scope; also what came from a model that is no longer there, or from a release that kept no model. #}
{% macro is_in_evidence_scope(scope) -%}
    {%- set whole = [] -%}
    {%- set conditions = [] -%}
    {%- for name, ids in scope.items() -%}
        {%- if ids is sameas true -%}
            {%- do whole.append(name) -%}
        {%- else -%}
            {%- do conditions.append("(" ~ is_of_submissions(ids) ~ " and model_name = '" ~ name ~ "')") -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if build_horizon().is_whole -%}
        {%- do conditions.append('true') -%}
    {%- elif whole -%}
        {%- do conditions.append('model_name = any(' ~ text_array(whole) ~ ')') -%}
    {%- endif -%}
    {%- do conditions.append('false') -%}
    ({{ conditions | join(' or ') }})
{%- endmacro %}
