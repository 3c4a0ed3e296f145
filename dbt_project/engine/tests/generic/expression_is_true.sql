{# Fails with each row for which the expression is not true. Name and argument are those of dbt-utils; a null passes there, and
   fails here. #}
{% test expression_is_true(model, expression) %}
select *
from {{ model }}
where ({{ expression }}) is not true
{% endtest %}
