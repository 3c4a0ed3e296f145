{{ config(materialized='incremental', incremental_strategy='write_changed_keys', unique_key='model_name') }}

{%- set names = evidence_models() %}
{%- set number = build_horizon().number %}
{%- for name in names -%}
    {%- do ref(name) -%}
{%- endfor %}

with inputs as (

    {{ inputs_of_evidence(names) }}

),

digests as (

    {{ digests_of_inputs(names) }}

),

models as (

    {{ hashes_of_models(names) }}

)

select
    models.model_name,
    md5(concat_ws(
        '|', models.sql_hash, string_agg(concat_ws('>', digests.table_name, digests.digest), ',' order by digests.table_name)
    )) as model_fingerprint,
    {{ number }}::bigint as since_build
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
        {{ number }}::bigint as since_build
    from {{ this }} as stored
    where stored.model_name <> all({{ text_array(names) }})
{%- endif %}
