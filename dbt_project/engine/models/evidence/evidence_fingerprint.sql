{{ config(
    materialized='incremental',
    incremental_strategy='write_changed_keys',
    unique_key='model_name'
) }}

{%- set horizon = build_horizon() -%}
{%- set names = evidence_models() %}
{%- set tables = [] %}

with inputs as (

    {% for name in names -%}
    {%- do ref(name) -%}
    {%- for table in stored_ancestors(name) %}
    {%- do tables.append(table) %}
    select
        '{{ name }}' as model_name,
        '{{ table }}' as table_name
    union all
    {%- endfor %}
    {%- endfor %}
    select
        null as model_name,
        null as table_name

),

digests as (

    {% for table in tables | unique | sort -%}
    select
        '{{ table }}' as table_name,
        concat_ws(':', count(*), sum(hashtextextended(stored::text, 0))) as digest
    from {{ table }} as stored
    union all
    {% endfor -%}
    select
        null as table_name,
        null as digest

),

models as (

    {% for name in names -%}
    select
        '{{ name }}' as model_name,
        '{{ model_fingerprint(name) }}' as sql_hash
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

)

select
    models.model_name,
    md5(concat_ws(
        '|', models.sql_hash, string_agg(concat_ws('>', digests.table_name, digests.digest), ',' order by digests.table_name)
    )) as model_fingerprint,
    {{ horizon.number }}::bigint as since_build
from models
left join inputs on models.model_name = inputs.model_name
left join digests on inputs.table_name = digests.table_name
group by models.model_name, models.sql_hash
{%- if is_incremental() %}

union all

-- Gone from the project: its evidence goes, too.
select
    stored.model_name,
    null as model_fingerprint,
    {{ horizon.number }}::bigint as since_build
from {{ this }} as stored
where stored.model_name <> all({{ text_array(names) }})
{%- endif %}
