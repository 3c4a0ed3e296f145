{# The last build that ended well, and the number of this one, as literals: the planner then knows how few rows are later.
   number 0 while dbt parses. is_whole: nothing that is stored can be relied on, or everything is to be computed anew. #}
{% macro build_horizon() %}
    {%- set relation = ref('stg_ops__build_horizon') -%}
    {%- if not execute -%}
        {{ return({'horizon': 0, 'number': 0, 'is_whole': true}) }}
    {%- endif -%}
    {%- set row = run_query('select horizon_number, build_number from ' ~ relation).rows[0] -%}
    {{ return({'horizon': row[0], 'number': row[1], 'is_whole': flags.FULL_REFRESH or row[0] == 0}) }}
{% endmacro %}

{# Condition: a row was written since the last build that ended well; any row in a whole build. #}
{% macro is_new(alias) -%}
    {%- set horizon = build_horizon() -%}
    {{ 'true' if horizon.is_whole else alias ~ '.since_build > ' ~ horizon.horizon }}
{%- endmacro %}

{# The text of a constant array of PostgreSQL. #}
{% macro text_array(values) -%}
    array[{% for value in values %}'{{ value | replace("'", "''") }}'{% if not loop.last %}, {% endif %}{% endfor %}]::text[]
{%- endmacro %}

{# Returns the measures of which everything is computed anew: their entry in the dictionary, the areas or the engine changed.
   by_grid: also those that got other periods, or evidence of a deeper level than before. #}
{% macro whole_measures(horizon, by_grid=false) %}
    {%- set query -%}
        select measure_code from {{ ref('measure_fingerprint') }} where since_build > {{ horizon.horizon }}
        {% if by_grid -%}
            union
            select measure_code from {{ ref('measure_grid') }} where since_build > {{ horizon.horizon }}
        {%- endif %}
        order by measure_code
    {%- endset -%}
    {%- if not execute -%}
        {{ return([]) }}
    {%- endif -%}
    {{ return(run_query(query).columns[0].values() | list) }}
{% endmacro %}

{# Selects the evidence that came or went since the last build, and all evidence of the measures that are computed anew. #}
{% macro changed_evidence(horizon, measures) -%}
    select
        indicator_code as measure_code,
        area_code,
        event_date,
        end_date,
        subject_key
    from {{ ref('evidence') }}
    where since_build > {{ horizon.horizon }}

    union all

    select
        indicator_code as measure_code,
        area_code,
        event_date,
        end_date,
        subject_key
    from {{ ref('superseded_evidence') }}
    where until_build > {{ horizon.horizon }}
    {%- if measures %}

    union all

    select
        indicator_code as measure_code,
        area_code,
        event_date,
        end_date,
        subject_key
    from {{ ref('evidence') }}
    where indicator_code = any({{ text_array(measures) }})
    {%- endif %}
{%- endmacro %}

{# Returns the series, as measures and areas, of which a value may differ: those whose evidence changed, and the ratios over them. More
   than these are computed, and none of the others differs: each touched measure in each touched area. #}
{% macro touched_series(horizon) %}
    {%- set whole = whole_measures(horizon, by_grid=true) -%}
    {%- set query -%}
        with changed as ({{ changed_evidence(horizon, []) }}),

        touched as (
            select distinct changed.measure_code, members.series_code
            from changed
            inner join {{ ref('series_member') }} as members on changed.area_code = members.area_code
        )

        select 'measure' as kind, touched.measure_code as code from touched
        union
        select 'measure', ratios.measure_code
        from {{ ref('measure') }} as ratios
        inner join touched on touched.measure_code in (ratios.numerator_code, ratios.denominator_code)
        union
        select 'area', touched.series_code from touched
        union
        select 'whole', wholes.code from unnest({{ text_array(whole) }}) as wholes (code)
        union
        select 'whole', ratios.measure_code
        from {{ ref('measure') }} as ratios
        where ratios.numerator_code = any({{ text_array(whole) }}) or ratios.denominator_code = any({{ text_array(whole) }})
    {%- endset -%}
    {%- set found = {'measure': [], 'area': [], 'whole': []} -%}
    {%- if execute -%}
        {%- for row in run_query(query).rows -%}
            {%- do found[row[0]].append(row[1]) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{% endmacro %}

{# Returns these series and those of their siblings: of the touched measures, every area beside a touched one. #}
{% macro touched_sibling_series(horizon) %}
    {%- set series = touched_series(horizon) -%}
    {%- if execute and series.area -%}
        {%- set query -%}
            select distinct siblings.area_code
            from {{ ref('dim_area') }} as areas
            inner join {{ ref('dim_area') }} as siblings
                on
                    (areas.area_level, areas.is_statutory) = (siblings.area_level, siblings.is_statutory)
                    and areas.parent_code is not distinct from siblings.parent_code
            where areas.area_code = any({{ text_array(series.area) }}) and siblings.has_values
        {%- endset -%}
        {%- do series.area.extend(run_query(query).columns[0].values()) -%}
    {%- endif -%}
    {{ return(series) }}
{% endmacro %}

{# Condition: a row is of one of these series. Constants: PostgreSQL pushes them into views with window functions. #}
{% macro is_of_series(series, measure_code, area_code) -%}
    ({{ measure_code }} = any({{ text_array(series.measure) }}) and {{ area_code }} = any({{ text_array(series.area) }})
    or {{ measure_code }} = any({{ text_array(series.whole) }}))
{%- endmacro %}
