{# Counts the subjects of a relation that are active at the end of each quarter in each town: from from_date until until_date,
   exclusive. The calling model has the CTE town_quarters. #}
{% macro count_active_at_period_end(subjects, from_date, until_date) -%}
    select
        town_quarters.town_code,
        town_quarters.period_code,
        count(*) as active_count
    from town_quarters
    inner join {{ subjects }} as subjects
        on
            town_quarters.town_code = subjects.town_code
            and town_quarters.end_date >= subjects.{{ from_date }}
            and (subjects.{{ until_date }} is null or town_quarters.end_date < subjects.{{ until_date }})
    group by town_quarters.town_code, town_quarters.period_code
{%- endmacro %}
