{# How many subjects of a relation are there at the end of each town's quarter, from one of its dates until another, not included.
   The model that asks has the CTE town_quarters. #}
{% macro count_there(subjects, from_date, until_date) -%}
    select
        town_quarters.town_code,
        town_quarters.period_code,
        count(*) as there_count
    from town_quarters
    inner join {{ subjects }} as subjects
        on
            town_quarters.town_code = subjects.town_code
            and town_quarters.end_date >= subjects.{{ from_date }}
            and (subjects.{{ until_date }} is null or town_quarters.end_date < subjects.{{ until_date }})
    group by town_quarters.town_code, town_quarters.period_code
{%- endmacro %}
