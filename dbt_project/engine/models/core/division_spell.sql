-- The list is a deployment's choice: without it, every division is at all times as in the list of divisions.
{% if env_var('HUIMIN_DBT_DIVISION_SPELLS', '') -%}
    select
        code,
        name,
        short_name,
        level,
        kind,
        is_statutory,
        parent_code,
        zone_code,
        valid_from_date,
        valid_until_date,
        successor_code
    from {{ ref('division_spells') }}
{%- else -%}
    select
        null::text as code,
        null::text as name,
        null::text as short_name,
        null::text as level,
        null::text as kind,
        null::integer as is_statutory,
        null::text as parent_code,
        null::text as zone_code,
        null::date as valid_from_date,
        null::date as valid_until_date,
        null::text as successor_code
    where false
{%- endif %}
