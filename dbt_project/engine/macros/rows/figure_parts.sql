{# Selects what each area of a level adds to its figure beside the areas below, from when until when: its figure less theirs. It begins
   anew whenever a figure below does. Who is below was so on the day of the figure; zones overlap counties, and are below nothing.
   lower: the CTEs of the levels below, with the same columns. #}
{% macro figure_parts(figures, level, lower) %}
    {%- if not lower -%}
        select
            measure_code,
            area_code,
            as_of_date,
            as_of_date as from_date,
            until_date,
            quantity
        from {{ figures }}
        where area_level = '{{ level }}'
    {%- else -%}
        select
            stretches.measure_code,
            stretches.area_code,
            stretches.as_of_date,
            stretches.from_date,
            stretches.until_date,
            stretches.quantity - coalesce(sum(parts.quantity), 0) as quantity
        from (
            select
                owners.measure_code,
                owners.area_code,
                owners.as_of_date,
                owners.quantity,
                starts.from_date,
                lead(starts.from_date, 1, owners.until_date) over (
                    partition by owners.measure_code, owners.area_code, owners.as_of_date order by starts.from_date
                ) as until_date
            from {{ figures }} as owners
            cross join
                lateral (
                    select owners.as_of_date as from_date

                    union

                    select changes.change_date as from_date
                    from ({{ union_of(lower) }}) as below
                    inner join {{ ref('area_membership') }} as memberships
                        on
                            below.area_code = memberships.area_code
                            and owners.area_code = memberships.ancestor_code
                            and owners.as_of_date between memberships.valid_from_date and memberships.valid_until_date
                    cross join lateral (values (below.from_date), (below.until_date)) as changes (change_date)
                    where
                        below.measure_code = owners.measure_code
                        and changes.change_date > owners.as_of_date
                        and changes.change_date < coalesce(owners.until_date, 'infinity')
                ) as starts
            where owners.area_level = '{{ level }}'
        ) as stretches
        left join (
            select
                below.*,
                memberships.ancestor_code,
                memberships.valid_from_date,
                memberships.valid_until_date
            from ({{ union_of(lower) }}) as below
            inner join {{ ref('area_membership') }} as memberships on below.area_code = memberships.area_code
        ) as parts
            on
                stretches.measure_code = parts.measure_code
                and stretches.area_code = parts.ancestor_code
                and stretches.as_of_date between parts.valid_from_date and parts.valid_until_date
                and stretches.from_date >= parts.from_date
                and stretches.from_date < coalesce(parts.until_date, 'infinity')
        group by
            stretches.measure_code, stretches.area_code, stretches.as_of_date, stretches.from_date, stretches.until_date,
            stretches.quantity
    {%- endif -%}
{% endmacro %}

{% macro union_of(relations) -%}
    {%- for relation in relations -%}
    select * from {{ relation }}{{ ' union all ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
