-- The list is a deployment's choice, as that of the divisions' spells is.
{% if env_var('HUIMIN_DBT_AREA_FIGURES', '') -%}
    select
        measure_code,
        area_code,
        as_of_date,
        quantity,
        tolerance,
        basis,
        source,
        note
    from {{ ref('area_figures') }}
{%- else -%}
    select
        null::text as measure_code,
        null::text as area_code,
        null::date as as_of_date,
        null::numeric as quantity,
        null::numeric as tolerance,
        null::text as basis,
        null::text as source,
        null::text as note
    where false
{%- endif %}
