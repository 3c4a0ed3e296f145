{# Incremental strategy: the rows of a measure stay while the measure's fingerprint is the same (see measure_fingerprint). The model
   itself returns only what has to be computed, by these two conditions. --full-refresh computes and writes all rows again. #}
{% macro get_incremental_replace_changed_measures_sql(arg_dict) %}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name') | list) -%}
    delete from {{ arg_dict['target_relation'] }} as stored
    where {{ 'true or' if flags.FULL_REFRESH }} not exists (
        select 1
        from {{ ref('measure_fingerprint') }} as fingerprints
        where
            fingerprints.measure_code = stored.measure_code
            and fingerprints.measure_fingerprint = stored.measure_fingerprint
    );
    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{% endmacro %}

{# Condition: the measure changed since the model's table was written. by_period: or the table has nothing yet for one of the periods.
   An array, not a subquery: PostgreSQL then computes the query for these measures alone. #}
{% macro is_changed_measure(measure_code, by_period=false) -%}
    {{ measure_code }} = any(array(
        select distinct present.measure_code
        from {{ ref('measure_fingerprint') }} as present
        {%- if not flags.FULL_REFRESH %}
        {% if by_period %}cross join {{ ref('dim_period') }} as periods{% endif %}
        where not exists (
            select 1
            from {{ this }} as stored
            where
                stored.measure_code = present.measure_code
                and stored.measure_fingerprint = present.measure_fingerprint
                {% if by_period %}and stored.period_code = periods.period_code{% endif %}
        )
        {%- endif %}
    ))
{%- endmacro %}

{# Condition: the model's table has no rows of this measure and period under the measure's present fingerprint.
   "not in" is hashed once. An anti-join looks each row up in the index. #}
{% macro is_missing_period(measure_code, period_code) -%}
    {%- if flags.FULL_REFRESH -%}
    true
    {%- else -%}
    ({{ measure_code }}, {{ period_code }}) not in (
        select
            stored.measure_code,
            stored.period_code
        from {{ this }} as stored
        inner join {{ ref('measure_fingerprint') }} as latest
            on
                stored.measure_code = latest.measure_code
                and stored.measure_fingerprint = latest.measure_fingerprint
    )
    {%- endif -%}
{%- endmacro %}
