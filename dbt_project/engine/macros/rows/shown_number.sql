{# Shows a number of a measure, or null where it may not be shown: of sensitive measures only zeros and what the ledger of disclosures
   (stg_ops__disclosed_value) has. It is the whole rule: every number of a measure goes through it before a model in bi reads it.

   `numbers` and `measures`: the aliases of the row with the number and of its measure, which is null for one that left the dictionary;
   `build`: SQL of the build as of which it is asked; by default, now. #}
{% macro shown_number(numbers, measures, basis, build=none) -%}
    {%- set number = numbers ~ '.' ~ basis -%}
    (case
        when {{ measures }}.is_sensitive is false then {{ number }}
        when {{ number }} = 0 and {{ measures }}.is_ratio is false then {{ number }}
        when exists (
            select 1
            from {{ ref('stg_ops__disclosed_value') }} as disclosed
            where
                disclosed.measure_code = {{ numbers }}.indicator_code
                and disclosed.series_code = {{ numbers }}.area_code
                and disclosed.period_code = {{ numbers }}.period_code
                and disclosed.basis = '{{ basis }}'
                and disclosed.value = {{ number }}
                {%- if build is none %}
                and disclosed.closed_build is null
                {%- else %}
                and disclosed.opened_build <= {{ build }}
                and (disclosed.closed_build is null or disclosed.closed_build > {{ build }})
                {%- endif %}
        ) then {{ number }}
    end)::numeric(20, 6)
{%- endmacro %}

{# Why a row does not show all of its numbers: 'small_count', or null when it does. The row has both, the shown ones as shown_value,
   shown_ytd and shown_to_date. #}
{% macro suppression() -%}
    case
        when num_nonnulls(shown_value, shown_ytd, shown_to_date) < num_nonnulls(value, ytd, to_date) then 'small_count'
    end::text
{%- endmacro %}
