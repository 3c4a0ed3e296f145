{# What a distinct count counts, to be counted again and not to be recognized: another key in each measure, so that nobody is followed
   from one to another. Of a person, the evidence has a keyed hash already. Null where rows are not counted by subject. #}
{% macro counted_subject(measure_code, subject) -%}
    case when aggregation = 'count_distinct' then md5({{ measure_code }} || '|' || {{ subject }}) end
{%- endmacro %}
